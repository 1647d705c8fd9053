/* SPDX-License-Identifier: MIT */
/*
 * address.h: server addresses as the D-Bus specification writes them,
 *
 *	METHOD:KEY=VALUE,KEY=VALUE;METHOD:...
 *
 * Each entry is another way to the same bus, to be tried in order. In a value, bytes other than
 * letters, digits and -_/\*. are written as %xx. Read strictly: what libdbus refuses is refused
 * here as well. Nothing here looks at the system.
 */
#ifndef HK_DBUS_ADDRESS_H
#define HK_DBUS_ADDRESS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#define HK_DBUS_ADDRESS_MAX 8192 /* bytes of a whole address */
#define HK_DBUS_ENTRIES_MAX 16	 /* entries of an address */
#define HK_DBUS_KEYS_MAX    16	 /* keys of an entry */
#define HK_DBUS_PATH_MAX    107	 /* bytes of a socket's path or abstract name (sun_path) */

/* What connecting to an entry takes. */
enum hk_dbus_way {
	HK_DBUS_PATH,	  /* unix:path= */
	HK_DBUS_ABSTRACT, /* unix:abstract= */
	HK_DBUS_TCP,	  /* tcp: */
	HK_DBUS_OTHER,	  /* a method that exists, perhaps, and that we do not know */
};

struct hk_dbus_key {
	const char *name;
	const char *value; /* without escapes, not empty */
};
struct hk_dbus_keys HK_VEC(struct hk_dbus_key);

struct hk_dbus_entry {
	enum hk_dbus_way way;
	const char *text; /* the entry as it was written */
	const char *method;
	struct hk_dbus_keys keys; /* in the order of the text, none twice */
	/* path: absolute, as written; abstract: the name without the NUL in front; tcp: the
	 * host; other: NULL */
	const char *place;
};
struct hk_dbus_entries HK_VEC(struct hk_dbus_entry);

/*
 * Reads an address of at least one entry into the arena. Errors are sentences that number the
 * entry from 1 and say what is wrong with it: -EINVAL, or -E2BIG for a limit. A unix entry needs
 * path or abstract (the others of its keys are for listening), a tcp entry host and port.
 */
int hk_dbus_address_parse(struct hk_arena *arena, const char *text,
	struct hk_dbus_entries *ret_entries, struct hk_err *err);

/* The value of a key, or NULL. */
const char *hk_dbus_entry_find(const struct hk_dbus_entry *entry, const char *key);

/* Adds value as an address writes it. */
void hk_dbus_escape(struct hk_str *out, const char *value);

#endif
