/* SPDX-License-Identifier: MIT */
/*
 * host.h: what a plan changes on the host: applied in order, reverted in reverse.
 *
 * What is protected: the person's files. Trusted: root, the kernel, the person. Hostile: every
 * target, and every other user of the machine.
 * MUST hold: nothing is applied before what it meets is written down; a revert takes away only
 * what we made, can be repeated, and does nothing where another live instance wants the same.
 */
#ifndef HK_HOST_HOST_H
#define HK_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "base/vec.h"
#include "plan/plan.h"

/* Kernel uids first..first+count-1. */
struct hk_uid_range {
	uid_t first;
	uid_t count;
};

/* How far host operations may reach, whatever a plan or an entry on disk says. */
struct hk_host_scope {
	uid_t person;
	/* Clean absolute paths: only in these (or these themselves) are things of ours made and
	 * removed: run dir and share. */
	struct hk_strs roots;
	/* Whom the person may give ACL entries to, and take them from: their identities, of each
	 * credential backend. */
	const struct hk_uid_range *targets;
	size_t target_count;
	/* Asked for what is not in the scope: one that reaches further, or NULL. What is met
	 * every day should not need it, for it may ask the system. May be NULL. */
	const struct hk_host_scope *(*widen)(void *data);
	void *data;
};

bool hk_host_scope_has_target(const struct hk_host_scope *scope, uid_t uid);
/* The same, with -EPERM and what to say. */
int hk_host_scope_check_target(const struct hk_host_scope *scope, uid_t uid, struct hk_err *err);
bool hk_host_scope_has_path(const struct hk_host_scope *scope, const char *path);

/* What was there before an operation; the fields of its kind are set. Kept in the state entry,
 * so each has its row in store/document.c. */
struct hk_host_found {
	bool existed; /* directory: it was there, so it is not ours to remove */
	/* acl: the object. A device number may change with the next boot; the file system's own
	 * number does not (where it has one, else 0). */
	uint64_t dev;
	uint64_t fs;
	uint64_t ino;
	bool had_mask; /* acl: the ACL had a mask, and this one */
	uint32_t mask;
	bool had_entry; /* acl: it had an entry for the target, with these bits */
	uint32_t entry;
};

/* An operation and its fate. */
struct hk_host_record {
	struct hk_host_op op;
	struct hk_host_found found; /* valid once looked */
	bool looked;		    /* written down: may have been applied */
	bool reverted;
	bool unasked; /* in a server: nothing has been asked of it yet, so nothing is to revert */
	void *live;   /* what the kind's start has made and stop gives back; NULL: nothing */
	int kept;     /* what the kind's keep has opened, for as long as we live; 0: nothing */
};
struct hk_host_records HK_VEC(struct hk_host_record);

/* An operation of another entry, or of our own; it counts while looked and not reverted. */
struct hk_host_peer {
	const struct hk_host_record *record;
	bool live; /* its instance lives, so what it asks must stay */
};
struct hk_host_peers HK_VEC(struct hk_host_peer);

/* A start that did not succeed is taken back, so what `stays` goes too. */
enum hk_host_undo {
	HK_HOST_UNDO_NONE,
	HK_HOST_UNDO_READ, /* as an entry on disk says it: only in our places */
	HK_HOST_UNDO_OWN,  /* just now, by ourselves: wherever it is */
};

struct hk_host_context {
	const struct hk_host_scope *scope;
	struct hk_host_peers peers; /* all records that are known, those worked on included */
	struct hk_log *log;	    /* verbose lines, and errors of reverting; may be NULL */
	enum hk_host_undo undo;
};

/* What revert says of an operation that has to be taken out of a server first. */
#define HK_HOST_LATER 1

/*
 * An operation whose object is in a server of the person's, which may take its time to answer,
 * or never do so. So that nobody has to wait for it under the store's lock, look, apply and
 * revert only decide there, and this happens outside. Each call waits until deadline_ns
 * (monotonic) at most. servers.h has the order of things.
 */
struct hk_host_server_type {
	/* Connects, and sets record->live. HK_HOST_GONE: there is no such server (any more). */
	int (*reach)(const struct hk_host_context *context, struct hk_host_record *record,
		uint64_t deadline_ns, struct hk_err *err);
	/* Asks what is there now, for look. */
	int (*ask)(struct hk_host_record *record, uint64_t deadline_ns, struct hk_err *err);
	/* Puts it there, and takes it out again. -EACCES: it refuses, and nothing has changed. */
	int (*put)(struct hk_host_record *record, uint64_t deadline_ns, struct hk_err *err);
	int (*take)(struct hk_host_record *record, uint64_t deadline_ns, struct hk_err *err);
	/* The same number for the same server, by whatever name it was reached: for a lock. */
	uint64_t (*number)(const struct hk_host_record *record);
	/* Disconnects. */
	void (*leave)(struct hk_host_record *record);
};
#define HK_HOST_GONE 1

/* One kind of operation. All three walk to the object anew, so that nothing is held between. */
struct hk_host_op_type {
	/* What is there now; changes nothing. */
	int (*look)(const struct hk_host_context *context, const struct hk_host_record *record,
		struct hk_host_found *ret_found, struct hk_err *err);
	/* NULL: all of it happens in start, or in the server. */
	int (*apply)(const struct hk_host_context *context, const struct hk_host_record *record,
		struct hk_err *err);
	/* Also called when apply failed half-way or was never reached, and again after it has
	 * succeeded. What is gone already is fine. 0, or HK_HOST_LATER. */
	int (*revert)(const struct hk_host_context *context, const struct hk_host_record *record,
		struct hk_err *err);

	/* Opens the object that has just been changed, so that revert finds it by whatever name it
	 * has by then. May be NULL; 0: it is to be found by its path. */
	int (*keep)(const struct hk_host_context *context, const struct hk_host_record *record);

	const struct hk_host_server_type *server; /* NULL: the object is not in a server */

	/* The rest is for what lives as long as the monitor (a connection, a process), and may be
	 * NULL. It happens outside the store's lock, so it may wait for a server, 5 s at most. */

	/* Begins what takes time; sets record->live. Nothing is kept when it fails. */
	int (*start)(const struct hk_host_context *context, struct hk_host_record *record,
		struct hk_err *err);
	/* Waits until what start began is usable by the container. */
	int (*await)(const struct hk_host_context *context, struct hk_host_record *record,
		struct hk_err *err);
	/* Ends it, before anything is reverted; says to the log what the person should know. */
	void (*stop)(const struct hk_host_context *context, struct hk_host_record *record);
	/* A descriptor to poll for reading while the program runs, or -1; and what to do when it
	 * is readable. */
	int (*descriptor)(const struct hk_host_record *record);
	void (*handle)(const struct hk_host_context *context, struct hk_host_record *record);
};

extern const struct hk_host_op_type *const hk_host_op_types[HK_HOST_KINDS];

/* Does a peer that stands (live, if asked) list the same operation, record itself apart? The
 * first such, or NULL. */
const struct hk_host_record *hk_host_peer_find(
	const struct hk_host_context *context, const struct hk_host_record *record, bool live);

/* Writes down what operation number index found, before it is applied. */
struct hk_host_journal {
	int (*write)(
		void *data, size_t index, const struct hk_host_found *found, struct hk_err *err);
	void *data;
};

/*
 * Applies the records in order. On failure, what was applied is reverted in reverse, and the
 * error tells both; records that could not be reverted are those that stand.
 */
int hk_host_commit(struct hk_host_context *context, struct hk_host_records *records,
	const struct hk_host_journal *journal, struct hk_err *err);

/* Starts what the records begin, what has to be waited for first, then waits for each, in order. On
 * failure what was started is stopped again. The context needs no peers. */
int hk_host_start(
	struct hk_host_context *context, struct hk_host_records *records, struct hk_err *err);

/* Stops what was started, in reverse. May be called twice. */
void hk_host_stop(struct hk_host_context *context, struct hk_host_records *records);

/*
 * Reverts the records that stand, in reverse. Errors go to the log and stop nothing; directories
 * around what could not be reverted are kept for the next time. Returns how many still stand.
 */
size_t hk_host_revert(struct hk_host_context *context, struct hk_host_records *records);

/* Gives back the descriptors that were kept. May be called twice. */
void hk_host_forget(struct hk_host_records *records);

#endif
