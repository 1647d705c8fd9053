/* SPDX-License-Identifier: MIT */
/*
 * document.h: the text of a state entry. The first line is a JSON document about the instance
 * and the host operations that are about to be applied; each further line is a JSON document
 * about something that happened. A last line without newline was being written when its writer
 * died: it does not count, and what it would have announced was not done.
 */
#ifndef HK_STORE_DOCUMENT_H
#define HK_STORE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

/* Everything that an entry says. */
struct hk_store_document {
	struct hk_store_instance instance;
	struct hk_host_records records;
	bool committed; /* all operations were applied */
	size_t length;	/* bytes of whole lines */
};

/* The first line. Errors: a path or name that is no UTF-8; too large. */
int hk_store_document_print_head(
	const struct hk_store_info *info, struct hk_str *out, struct hk_err *err);

/* The line before operation index is applied; after it could be reverted, though others could
 * not; after all are applied. */
void hk_store_document_print_found(
	size_t index, const struct hk_host_found *found, struct hk_str *out);
void hk_store_document_print_reverted(size_t index, struct hk_str *out);
void hk_store_document_print_committed(struct hk_str *out);

/* Reads a whole entry, strictly: -EPROTO and what is wrong with it. */
int hk_store_document_parse(struct hk_arena *arena, const char *text, size_t size,
	struct hk_store_document *ret_document, struct hk_err *err);

#endif
