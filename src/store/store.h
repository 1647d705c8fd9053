/* SPDX-License-Identifier: MIT */
/*
 * store.h: running instances on disk: one directory a person, one lock, one entry an instance.
 *
 * What is protected: the host, from being left changed when we die; the person, from whatever an
 * entry says. Trusted: root and the person, who alone can write in the store.
 * MUST hold: an entry exists before the first host operation of its instance and until after its
 * last one is reverted; an entry whose lock can be taken is dead, whatever its pid says; nothing
 * in an entry makes us touch what is not in the scope. docs/state.md tells the whole.
 */
#ifndef HK_STORE_STORE_H
#define HK_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/vec.h"
#include "config/config.h"
#include "host/host.h"
#include "plan/plan.h"

#define HK_STORE_VERSION   1
#define HK_STORE_ENTRY_MAX (8 * 1024 * 1024) /* bytes of one entry */
#define HK_STORE_OPS_MAX   16384	     /* host operations of one entry */
#define HK_STORE_PATH_MAX  4095		     /* bytes of a path in an entry */

struct hk_store {
	int dir;
	const char *path;		   /* borrowed */
	const struct hk_host_scope *scope; /* borrowed */
	/* Readable when the person does not want to wait for a lock any longer: -ECANCELED. For
	 * one who has signals blocked. 0: waits for ever. */
	int cancel_fd;
};

/*
 * Opens the store at path (absolute, clean; borrowed, as is scope), and makes it if it does not
 * exist: 0700, as missing directories above it. It must be the person's, 0700 and without ACL,
 * and only root and the person may be able to write to a directory above it (or it is sticky);
 * else -EPERM or -ELOOP, naming the directory. Takes no lock.
 */
int hk_store_open(const char *path, const struct hk_host_scope *scope, struct hk_store *ret_store,
	struct hk_err *err);
void hk_store_close(struct hk_store *store);

/* -- one's own instance -------------------------------------------------------------------- */

/* What an entry says besides its host operations. Borrowed during the call. */
struct hk_store_info {
	const struct hk_plan *plan;
	const struct hk_config *config; /* NULL: none is recorded */
	const char *backend;		/* "hsu", "subuid" */
	pid_t pid;			/* the monitor's */
	pid_t shim_pid;
	uint64_t time; /* of the start, ns since the epoch */
	/* Where to write the 16 bytes of the instance id, once the entry exists and while the
	 * store is still locked; -1: nowhere. */
	int identifier_fd;
};

struct hk_store_entry {
	struct hk_id id;
	/* Holds the lock that tells that the instance lives. A child that does not exec must
	 * close it first, or the instance lives as long as the child. */
	int fd;
	size_t length; /* bytes in the file that are whole lines */
	/* Its program was not started: directories that would stay go with the rest. */
	bool failed;
	struct hk_arena arena;
	struct hk_host_records records;
};

/*
 * Under the store's lock: recovers dead entries, writes the instance's own, applies the plan's
 * host half. On failure everything is reverted again and the entry removed; where that failed,
 * the error says it too, and the next command tries again. The plan may go away afterwards. The
 * log hears what recovery says, and verbose lines.
 */
int hk_store_begin(const struct hk_store *store, const struct hk_store_info *info,
	struct hk_log *log, struct hk_store_entry *ret_entry, struct hk_err *err);

/*
 * Recovers dead entries, then reverts what no live entry lists, and removes the entry last.
 * Finishes entry in any case. Errors go to the log and stop nothing. Returns how many host
 * operations are left for the next command; -errno if the store could not be read or locked, or
 * the entry not be removed.
 */
int hk_store_end(const struct hk_store *store, struct hk_store_entry *entry, struct hk_log *log);

/* Drops the lock and the memory, and reverts nothing: for a child, and after end. */
void hk_store_entry_finish(struct hk_store_entry *entry);

/* -- all of them ---------------------------------------------------------------------------- */

struct hk_store_recovered {
	unsigned int entries;	 /* removed, all of their operations reverted */
	unsigned int operations; /* that were reverted, or gone already */
	unsigned int left;	 /* dead entries that stay: something could not be reverted */
	unsigned int unreadable; /* entries that could not be read, live or dead; left alone */
};

/* Reverts what dead instances left. Errors about one entry go to the log and stop nothing. */
int hk_store_recover(const struct hk_store *store, struct hk_log *log,
	struct hk_store_recovered *ret_recovered, struct hk_err *err);

/* A live instance, as its entry says. */
struct hk_store_instance {
	struct hk_id id;
	uint32_t identity;
	uid_t target;
	pid_t pid;
	pid_t shim_pid;
	uint64_t time; /* ns since the epoch */
	const char *backend;
	struct hk_enablements enablements;
	const char *config;	 /* JSON for hk_config_parse; NULL if there was none */
	const char *application; /* its id; NULL if it has none */
};
struct hk_store_instances HK_VEC(struct hk_store_instance);

/* The live instances, oldest first, in the arena. Recovers dead entries first. Entries that
 * cannot be read are reported to the log and left out. */
int hk_store_list(const struct hk_store *store, struct hk_arena *arena, struct hk_log *log,
	struct hk_store_instances *ret_instances, struct hk_err *err);

#endif
