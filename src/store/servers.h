/* SPDX-License-Identifier: MIT */
/*
 * servers.h: host operations whose object is in a server of the person's (an X server's list of
 * who may connect).
 *
 * A server may take its time, or never answer: a program can grab an X server. Nobody who starts,
 * ends or looks must have to wait for that, so it is never asked under the store's lock. Each
 * server has a lock of its own, which is taken first. Under it:
 *
 *	start	ask what is there; with the store's lock: write the entry; without: put it there
 *	end	with the store's lock: does a live entry list the same? without: if not, take it
 *		out; with: remove the entry
 *
 * So nobody takes out what another one, who was not listed yet when that was decided, has put
 * there meanwhile. What a server does not do in time stays in the entry.
 */
#ifndef HK_STORE_SERVERS_H
#define HK_STORE_SERVERS_H

#include <stdint.h>

#include "store/recover.h"
#include "store/store.h"

/* How long a server may take for each answer: to whom it matters, and to others. */
#define HK_STORE_SERVER_WAIT_NS	    UINT64_C(5000000000)
#define HK_STORE_SERVER_PATIENCE_NS UINT64_C(250000000)

/* An instance's conversation with the server that one of its operations is in. */
struct hk_store_talk {
	struct hk_host_record *record; /* NULL: it has no such operation, so nothing happens */
	int lock;
};

/*
 * Connects to the server of the records' operation, if there is one, takes its lock, and asks
 * what is there. Error: also where nobody listens. An entry has one such operation at most.
 */
int hk_store_talk_begin(const struct hk_store *store, struct hk_host_records *records,
	struct hk_log *log, struct hk_store_talk *ret_talk, struct hk_err *err);

/* Puts it there. */
int hk_store_talk_put(struct hk_store_talk *talk, struct hk_err *err);

/* Connects once more, at the end, and takes the lock. A server that is gone has taken all along;
 * of one that does not answer, ret_error says so: what is in it has to stay in the entry. */
void hk_store_talk_resume(const struct hk_store *store, struct hk_host_records *records,
	struct hk_log *log, struct hk_store_talk *ret_talk, struct hk_err *ret_error);

/* Does it have to be taken out, after everything else was reverted? */
bool hk_store_talk_is_needed(const struct hk_store_talk *talk);

/* Takes it out; wants a conversation. It is reverted then. */
int hk_store_talk_take(struct hk_store_talk *talk, struct hk_err *err);

/* Disconnects, and gives the lock back. May be called twice. */
void hk_store_talk_finish(struct hk_store_talk *talk);

/*
 * Takes out what dead entries among the files, which recovery has left, still have in servers.
 * Without the store's lock held. Not where somebody else is at the same server; errors go to the
 * log.
 */
void hk_store_servers_recover(const struct hk_store *store, struct hk_log *log,
	const struct hk_store_files *files, uint64_t patience_ns,
	struct hk_store_recovered *recovered);

#endif
