/* SPDX-License-Identifier: MIT */
#include "config/fields.h"

#include <stdint.h>
#include <string.h>

#include "base/near.h"
#include "config/check.h"

#define STRUCT_TOP	   struct hk_config
#define STRUCT_PROGRAM	   struct hk_config
#define STRUCT_ENABLEMENTS struct hk_enablements
#define STRUCT_BUS	   struct hk_bus_policy
#define STRUCT_PERM	   struct hk_extra_perm
#define STRUCT_CONTAINER   struct hk_config_container
#define STRUCT_BIND	   struct hk_fs
#define STRUCT_EPHEMERAL   struct hk_fs
#define STRUCT_OVERLAY	   struct hk_fs
#define STRUCT_LINK	   struct hk_fs

/* The key is the member's name. What is for people is in docs.c. */
#define HK_FIELD(in, name, kind, usual, doc, ...)                                                  \
	{.section = HK_SECTION_##in,                                                               \
		.key = #name,                                                                      \
		.type = HK_FIELD_##kind,                                                           \
		.offset = offsetof(STRUCT_##in, name),                                             \
		##__VA_ARGS__},

const struct hk_field hk_config_fields[] = {
#include "config/field_rows.h"
};

const size_t hk_config_field_count = sizeof(hk_config_fields) / sizeof(hk_config_fields[0]);

const size_t hk_config_section_sizes[HK_SECTIONS] = {
	[HK_SECTION_TOP] = sizeof(STRUCT_TOP),
	[HK_SECTION_PROGRAM] = sizeof(STRUCT_PROGRAM),
	[HK_SECTION_ENABLEMENTS] = sizeof(STRUCT_ENABLEMENTS),
	[HK_SECTION_BUS] = sizeof(STRUCT_BUS),
	[HK_SECTION_PERM] = sizeof(STRUCT_PERM),
	[HK_SECTION_CONTAINER] = sizeof(STRUCT_CONTAINER),
	[HK_SECTION_BIND] = sizeof(STRUCT_BIND),
	[HK_SECTION_EPHEMERAL] = sizeof(STRUCT_EPHEMERAL),
	[HK_SECTION_OVERLAY] = sizeof(STRUCT_OVERLAY),
	[HK_SECTION_LINK] = sizeof(STRUCT_LINK),
};

const char *const hk_config_kinds[HK_FS_TYPES] = {
	[HK_FS_BIND] = "bind",
	[HK_FS_EPHEMERAL] = "ephemeral",
	[HK_FS_OVERLAY] = "overlay",
	[HK_FS_LINK] = "link",
};

const struct hk_field *hk_config_field_find(unsigned int sections, const char *key) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if ((sections & HK_SECTION_BIT(field->section)) && strcmp(field->key, key) == 0) {
			return field;
		}
	}
	return NULL;
}

const char *hk_config_field_nearest(unsigned int sections, const char *key) {
	const char *nearest = NULL;
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!(sections & HK_SECTION_BIT(field->section))) {
			continue;
		}
		size_t edits = hk_near_edits(key, field->key);
		if (edits < least) {
			least = edits;
			nearest = field->key;
		}
	}
	return nearest;
}
