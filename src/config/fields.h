/* SPDX-License-Identifier: MIT */
/*
 * fields.h: the table of every key that a configuration can hold. The reader, the validator,
 * the printer, the schema, the manual and the tests walk it; to add a key is to add a member to a
 * struct of config.h and a row to field_rows.h.
 */
#ifndef HK_CONFIG_FIELDS_H
#define HK_CONFIG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/* A JSON object whose members go to one struct. */
enum hk_section {
	HK_SECTION_TOP,
	HK_SECTION_PROGRAM, /* at the top in the flat layout, in the container in the nested one */
	HK_SECTION_ENABLEMENTS,
	HK_SECTION_BUS,
	HK_SECTION_PERM,
	HK_SECTION_CONTAINER,
	HK_SECTION_BIND, /* and on: one for each enum hk_fs_type, in its order */
	HK_SECTION_EPHEMERAL,
	HK_SECTION_OVERLAY,
	HK_SECTION_LINK,
	HK_SECTIONS
};

/* For sets of sections. */
#define HK_SECTION_BIT(section) (1u << (section))

enum hk_field_type {
	HK_FIELD_BOOL,	   /* bool */
	HK_FIELD_TRISTATE, /* enum hk_tristate; absent: as the layout says */
	HK_FIELD_INTEGER,  /* int64_t */
	HK_FIELD_TEXT,	   /* const char *; the empty string is NULL */
	HK_FIELD_PATH,	   /* const char *; cleaned when read */
	HK_FIELD_TEXTS,	   /* struct hk_strs */
	HK_FIELD_PATHS,	   /* struct hk_strs */
	HK_FIELD_PAIRS,	   /* struct hk_pairs */
	HK_FIELD_KIND,	   /* enum hk_fs_type by name; decides about the other keys */
	HK_FIELD_OBJECT,   /* a struct in the struct */
	HK_FIELD_BOX,	   /* a pointer to a struct; NULL: absent */
	HK_FIELD_PERMS,	   /* struct hk_extra_perms */
	HK_FIELD_MOUNTS,   /* struct hk_fss */
	HK_FIELD_TYPES
};

struct hk_config_report;
struct hk_field;
struct hk_place;

/* Checks a value. Its errors are complete sentences; what is in a list it reports itself. */
typedef int hk_config_check_fn(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value);

struct hk_field {
	enum hk_section section;
	const char *key;
	enum hk_field_type type;
	size_t offset; /* of the member in the section's struct */

	enum hk_section of; /* object, box: the section of its members */
	int64_t min;	    /* integer */
	int64_t max;	    /* integer; text: bytes; a list: items. 0: no own limit */
	int64_t fallback;   /* integer: when absent */
	bool raise;	    /* integer: a smaller one counts as min */
	bool null_is_empty; /* pairs: null as a value is the empty string */
	bool outside;	    /* path: on the host, where ~ is the home (home.c) */
	const char *like;   /* path: when absent, the same as this key of the section */

	const char *complaint;	   /* path: what to say instead of the place */
	hk_config_check_fn *check; /* beyond the type's, or NULL */
};

extern const struct hk_field hk_config_fields[];
extern const size_t hk_config_field_count;

/* What people are told of the row of the same number. For programs that run while building. */
struct hk_field_doc {
	const char *text;     /* one line */
	bool needed;	      /* there is no default */
	bool needed_inside;   /* there is none where there is a container */
	const char *fallback; /* the default in words; NULL: the usual one of the type */
};
extern const struct hk_field_doc hk_config_field_docs[];

/* What each section's struct needs. */
extern const size_t hk_config_section_sizes[HK_SECTIONS];

/* Names of enum hk_fs_type in files. */
extern const char *const hk_config_kinds[HK_FS_TYPES];

/* The row of a key in one of the sections (a set of HK_SECTION_BIT), or NULL. */
const struct hk_field *hk_config_field_find(unsigned int sections, const char *key);

/* Among the keys of the sections, the one that takes the fewest edits to get to from key. */
const char *hk_config_field_nearest(unsigned int sections, const char *key);

/* The member that a row describes. base: the struct of the row's section. */
static inline void *hk_config_field_value(const struct hk_field *field, void *base) {
	return (char *)base + field->offset;
}

static inline const void *hk_config_field_look(const struct hk_field *field, const void *base) {
	return (const char *)base + field->offset;
}

#endif
