/* SPDX-License-Identifier: MIT */
#include "store/plain.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "store/values.h"

/* Where we are. Once something is not as expected, nothing is read any more, and what is asked for
 * is empty: so it is enough to look at the end. */
struct scan {
	const char *at;
	const char *end;
	struct hk_arena *arena; /* of texts; NULL where there are none */
	bool other;		/* not as we write it */
	bool no_memory;
};

static bool is_at(const struct scan *scan, const char *word, size_t length) {
	return !scan->other && (size_t)(scan->end - scan->at) >= length &&
	       memcmp(scan->at, word, length) == 0;
}

static bool try_at(struct scan *scan, const char *word, size_t length) {
	bool found = is_at(scan, word, length);
	scan->at += found ? length : 0;
	return found;
}

static void expect_at(struct scan *scan, const char *word, size_t length) {
	if (!try_at(scan, word, length)) {
		scan->other = true;
	}
}

/* Literals, whose lengths are known. */
#define try_word(scan, word) try_at(scan, word, sizeof(word) - 1)
#define expect(scan, word)   expect_at(scan, word, sizeof(word) - 1)

static bool flag(struct scan *scan) {
	if (try_word(scan, "true")) {
		return true;
	}
	expect(scan, "false");
	return false;
}

static int64_t number(struct scan *scan) {
	bool negative = try_word(scan, "-");
	const char *first = scan->at;
	int64_t value = 0;
	while (!scan->other && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
		int digit = *scan->at++ - '0';
		/* Counted downwards: there is one negative number more. */
		scan->other = __builtin_mul_overflow(value, 10, &value) ||
			      __builtin_sub_overflow(value, digit, &value);
	}
	bool padded = scan->at > first && *first == '0' && (negative || scan->at - first > 1);
	if (scan->at == first || padded ||
		(!negative && __builtin_sub_overflow(0, value, &value))) {
		scan->other = true;
	}
	return scan->other ? 0 : value;
}

/* How long the character is; 0: it is not plain. A newline follows the line, so a character that
 * is cut off is not looked for behind it. */
static size_t plain_character(const char *at) {
	uint32_t point;
	if ((unsigned char)*at < 0x80) {
		return *at >= ' ' && *at != '"' && *at != '\\';
	}
	return hk_utf8_decode(at, &point);
}

/* From behind the opening quote to behind the closing one. */
static const char *text(struct scan *scan) {
	const char *first = scan->at;
	size_t length = 0;
	while (!scan->other && scan->at < scan->end && (length = plain_character(scan->at)) > 0) {
		scan->at += length;
	}
	const char *last = scan->at;
	expect(scan, "\"");
	if (scan->other) {
		return "";
	}
	const char *copy = hk_arena_strndup(scan->arena, first, (size_t)(last - first));
	if (!copy) {
		scan->other = scan->no_memory = true;
		return "";
	}
	return copy;
}

/* An object, as it is: up to the bracket that closes it. */
static const char *object(struct scan *scan) {
	const char *first = scan->at;
	size_t depth = 0;
	bool in_text = false;
	if (!is_at(scan, "{", 1)) {
		scan->other = true;
	}
	do {
		if (scan->other || scan->at == scan->end) {
			scan->other = true;
			return NULL;
		}
		char c = *scan->at++;
		if ((unsigned char)c < ' ') {
			scan->other = true;
		} else if (c == '"') {
			in_text = !in_text;
		} else if (in_text && c == '\\' && scan->at < scan->end) {
			scan->at++;
		} else if (!in_text && (c == '{' || c == '[')) {
			depth++;
		} else if (!in_text && (c == '}' || c == ']')) {
			depth--;
		}
	} while (depth > 0);
	if (scan->other) {
		return NULL;
	}
	const char *copy = hk_arena_strndup(scan->arena, first, (size_t)(scan->at - first));
	scan->other = scan->no_memory = !copy;
	return copy;
}

/* The configuration's first key, where it has one. */
static const char *application(struct scan *scan) {
	struct scan inside = *scan;
	if (!try_word(&inside, "{\"id\":\"")) {
		return NULL;
	}
	const char *id = text(&inside);
	scan->other = inside.other;
	scan->no_memory = inside.no_memory;
	return id;
}

static int verdict(const struct scan *scan) {
	if (scan->no_memory) {
		return -ENOMEM;
	}
	return !scan->other && scan->at == scan->end;
}

static void operation(struct scan *scan, struct hk_host_records *records) {
	struct hk_store_operation_values values = {0};
	expect(scan, "{\"kind\":\"");
	const char *kind = text(scan);
	expect(scan, ",\"path\":\"");
	values.path = text(scan);
	expect(scan, ",\"target\":");
	values.target = number(scan);
	expect(scan, ",\"perm\":");
	values.perm = number(scan);
	expect(scan, ",\"mode\":");
	values.mode = number(scan);
	expect(scan, ",\"stays\":");
	values.stays = flag(scan);
	if (try_word(scan, ",\"source\":\"")) {
		values.source = text(scan);
	}
	if (try_word(scan, ",\"text\":\"")) {
		values.text = text(scan);
	}
	expect(scan, "}");
	struct hk_host_op op;
	if (scan->other || records->count == HK_STORE_OPS_MAX ||
		!hk_host_kind_parse(kind, &values.kind) || !hk_store_operation_take(&values, &op)) {
		scan->other = true;
		return;
	}
	struct hk_host_record *record = hk_vec_add(scan->arena, records);
	if (!record) {
		scan->other = scan->no_memory = true;
		return;
	}
	record->op = op;
}

static void operations(struct scan *scan, struct hk_host_records *records) {
	expect(scan, "[");
	if (try_word(scan, "]")) {
		return;
	}
	do {
		operation(scan, records);
	} while (try_word(scan, ","));
	expect(scan, "]");
}

static void head_values(struct scan *scan, struct hk_store_head_values *values) {
	_Static_assert(HK_STORE_VERSION == 1, "the version is in the text");
	expect(scan, "{\"version\":1,\"instance\":\"");
	values->id = text(scan);
	expect(scan, ",\"identity\":");
	values->identity = number(scan);
	expect(scan, ",\"target\":");
	values->target = number(scan);
	expect(scan, ",\"pid\":");
	values->pid = number(scan);
	expect(scan, ",\"shim_pid\":");
	values->shim_pid = number(scan);
	expect(scan, ",\"time\":");
	values->time = number(scan);
	expect(scan, ",\"backend\":\"");
	values->backend = text(scan);
	expect(scan, ",\"enablements\":{\"wayland\":");
	values->enablements.wayland = flag(scan);
	expect(scan, ",\"x11\":");
	values->enablements.x11 = flag(scan);
	expect(scan, ",\"dbus\":");
	values->enablements.dbus = flag(scan);
	expect(scan, ",\"pulse\":");
	values->enablements.pulse = flag(scan);
}

int hk_store_plain_head(struct hk_arena *arena, const char *line, size_t length,
	struct hk_store_document *document) {
	struct scan scan = {.at = line, .end = line + length, .arena = arena};
	struct hk_store_head_values values = {0};
	struct hk_store_instance instance = {0};
	struct hk_host_records records = {0};
	head_values(&scan, &values);
	expect(&scan, "},\"config\":");
	if (!try_word(&scan, "null")) {
		instance.application = application(&scan);
		instance.config = object(&scan);
	}
	expect(&scan, ",\"operations\":");
	operations(&scan, &records);
	expect(&scan, "}");
	int r = verdict(&scan);
	if (r <= 0 || !hk_store_head_take(&values, &instance)) {
		return r < 0 ? r : 0;
	}
	document->instance = instance;
	document->records = records;
	return 1;
}

static void found_values(struct scan *scan, struct hk_host_found *found) {
	expect(scan, ",\"found\":{");
	for (size_t i = 0; i < HK_STORE_FOUND_FIELDS; i++) {
		const struct hk_store_found_field *field = &hk_store_found_fields[i];
		expect_at(scan, field->key, field->key_length);
		int64_t value = field->type == HK_STORE_FOUND_BOOL ? flag(scan) : number(scan);
		if (!hk_store_found_set(found, i, value)) {
			scan->other = true;
		}
	}
	expect(scan, "}}");
}

int hk_store_plain_event(const char *line, size_t length, struct hk_store_document *document) {
	struct scan scan = {.at = line, .end = line + length};
	if (try_word(&scan, "{\"committed\":true}")) {
		document->committed = scan.at == scan.end || document->committed;
		return scan.at == scan.end;
	}
	expect(&scan, "{\"operation\":");
	int64_t index = number(&scan);
	if (scan.other || index < 0 || (uint64_t)index >= document->records.count) {
		return 0;
	}
	struct hk_host_record *record = &document->records.items[index];
	struct hk_host_found found = {0};
	bool reverted = try_word(&scan, ",\"reverted\":true}");
	if (!reverted) {
		found_values(&scan, &found);
	}
	if (verdict(&scan) == 0 || (!reverted && record->looked)) {
		return 0;
	}
	if (reverted) {
		record->reverted = true;
	} else {
		record->found = found;
		record->looked = true;
	}
	return 1;
}
