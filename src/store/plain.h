/* SPDX-License-Identifier: MIT */
/*
 * plain.h: lines of a state entry, read the short way: as document.c writes them, byte for byte,
 * with neither a space nor another order of keys, and no escapes in their texts.
 *
 * Each start and each end reads the entries of all that run. With a thousand of those, nine
 * tenths of the time went into making trees of JSON, only to look for the same keys at the same
 * places. Whatever is not exactly as we write it is left to the JSON library, which also says
 * what is wrong with it: these here yield nothing or what it would yield. Of the configuration,
 * which is a text to the store, they only find the end.
 */
#ifndef HK_STORE_PLAIN_H
#define HK_STORE_PLAIN_H

#include <stddef.h>

#include "base/arena.h"
#include "store/document.h"

/* A line without its newline, of which one must follow. 1: it was read; 0: it is not plain, or out
 * of range, and the document is untouched; -ENOMEM. */
int hk_store_plain_head(struct hk_arena *arena, const char *line, size_t length,
	struct hk_store_document *document);
int hk_store_plain_event(const char *line, size_t length, struct hk_store_document *document);

#endif
