/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: state entries. What is accepted is within its limits; written again from what was
 * read, it is accepted and means the same.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "config/config.h"
#include "store/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

static void check_record(const struct hk_host_record *record) {
	const struct hk_host_op *op = &record->op;
	check(op->kind < HK_HOST_KINDS && hk_path_is_clean(op->path) && op->path[1] != '\0');
	check(strlen(op->path) <= HK_STORE_PATH_MAX && op->target != UINT32_MAX);
	check(op->perm <= 7 && op->mode <= 01777 && op->args.count == 0);
	check(!op->source || hk_path_is_clean(op->source));
	check(record->found.mask <= 7 && record->found.entry <= 7);
}

/* Writes what is known of the entry, the configuration apart, which is a text to the store. */
static void write_again(const struct hk_store_document *document, struct hk_str *out) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	const struct hk_store_instance *instance = &document->instance;
	struct hk_plan plan = {
		.id = instance->id, .identity = instance->identity, .target = instance->target};
	for (size_t i = 0; i < document->records.count; i++) {
		struct hk_host_op *op = hk_vec_add(&arena, &plan.host);
		check(op != NULL);
		*op = document->records.items[i].op;
	}
	const struct hk_store_info info = {.plan = &plan,
		.backend = instance->backend,
		.pid = instance->pid,
		.shim_pid = instance->shim_pid,
		.time = instance->time};
	struct hk_err err;
	check(hk_store_document_print_head(&info, out, &err) == 0);
	for (size_t i = 0; i < document->records.count; i++) {
		const struct hk_host_record *record = &document->records.items[i];
		if (record->looked) {
			hk_store_document_print_found(i, &record->found, out);
		}
		if (record->reverted) {
			hk_store_document_print_reverted(i, out);
		}
	}
	if (document->committed) {
		hk_store_document_print_committed(out);
	}
	check(!out->failed);
}

static bool same_text(const char *a, const char *b) {
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static void compare(const struct hk_store_document *a, const struct hk_store_document *b) {
	check(memcmp(&a->instance.id, &b->instance.id, sizeof(a->instance.id)) == 0);
	check(a->instance.identity == b->instance.identity);
	check(a->instance.target == b->instance.target && a->instance.pid == b->instance.pid);
	check(a->instance.shim_pid == b->instance.shim_pid);
	check(a->instance.time == b->instance.time && a->committed == b->committed);
	check(same_text(a->instance.backend, b->instance.backend));
	check(a->records.count == b->records.count);
	for (size_t i = 0; i < a->records.count; i++) {
		const struct hk_host_record *one = &a->records.items[i];
		const struct hk_host_record *other = &b->records.items[i];
		check(one->op.kind == other->op.kind && one->op.target == other->op.target);
		check(one->op.perm == other->op.perm && one->op.mode == other->op.mode);
		check(one->op.stays == other->op.stays);
		check(same_text(one->op.path, other->op.path));
		check(same_text(one->op.source, other->op.source));
		check(same_text(one->op.text, other->op.text));
		check(one->looked == other->looked && one->reverted == other->reverted);
		check(one->found.existed == other->found.existed);
		check(one->found.dev == other->found.dev && one->found.ino == other->found.ino);
		check(one->found.fs == other->found.fs && one->found.mask == other->found.mask);
		check(one->found.had_mask == other->found.had_mask);
		check(one->found.had_entry == other->found.had_entry);
		check(one->found.entry == other->found.entry);
	}
}

/* With a space in front of each whole line, none is read the short way (plain.h): the JSON library
 * says the same. Of the configuration the short way only finds the end. */
static void check_other_way(const char *text, size_t size, const struct hk_store_document *plain) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(str) struct hk_str spaced = {0};
	const char *line = text;
	const char *newline;
	while ((newline = memchr(line, '\n', size - (size_t)(line - text)))) {
		hk_str_add(&spaced, " ");
		hk_str_add_bytes(&spaced, line, (size_t)(newline + 1 - line));
		line = newline + 1;
	}
	struct hk_store_document document;
	struct hk_err err;
	if (spaced.length == 0) {
		check(!plain);
		return;
	}
	int r = hk_store_document_parse(&arena, spaced.text, spaced.length, &document, &err);
	if (!plain) {
		check(r < 0);
	} else if (r == 0) {
		compare(plain, &document);
	} else {
		check(plain->instance.config != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_store_document document;
	struct hk_err err = {0};
	int r = hk_store_document_parse(&arena, (const char *)data, size, &document, &err);
	if (r < 0) {
		check(r == -EPROTO && err.code == r && err.text[0] && !strchr(err.text, '\n'));
		check_other_way((const char *)data, size, NULL);
		return 0;
	}
	check_other_way((const char *)data, size, &document);
	check(document.length > 0 && document.length <= size && data[document.length - 1] == '\n');
	check(document.records.count <= HK_STORE_OPS_MAX);
	for (size_t i = 0; i < document.records.count; i++) {
		check_record(&document.records.items[i]);
	}
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_store_document again;
	write_again(&document, &text);
	check(hk_store_document_parse(&arena, text.text, text.length, &again, &err) == 0);
	check(again.length == text.length);
	compare(&document, &again);
	return 0;
}
