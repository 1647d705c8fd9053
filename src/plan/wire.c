/* SPDX-License-Identifier: MIT */
/*
 * The container half as bytes.
 *
 * Protected: the shim, which acts under the target's uid on what it reads here. Trusted: the
 * writer is the monitor, whose end of the channel has been checked. MUST hold all the same: no
 * byte of the input is read twice, past the end or before its length was checked, and what has
 * been accepted has no NULL where the container library looks without asking.
 *
 * Form: the fields of wire_fields.h in order, integers in the machine's own byte order. A text
 * is its length with the final NUL as u32, then the bytes; NULL is length 0. A secret is one
 * more than its size as u32, then the bytes; none is 0. A list is its number of items as u32,
 * then the items.
 */
#include "plan/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "plan/wire_fields.h"

_Static_assert(sizeof(uid_t) == sizeof(uint32_t), "ids are sent as u32");
_Static_assert(sizeof(mode_t) == sizeof(uint32_t), "modes are sent as u32");

#define KNOWN_MOUNT_FLAGS (2u * HK_MOUNT_CONSOLE - 1)

/* -- writing ------------------------------------------------------------------------------ */

static void write_u32(struct hk_str *out, uint32_t value) {
	hk_str_add_bytes(out, &value, sizeof(value));
}

static void write_u64(struct hk_str *out, uint64_t value) {
	hk_str_add_bytes(out, &value, sizeof(value));
}

static void write_i64(struct hk_str *out, int64_t value) {
	hk_str_add_bytes(out, &value, sizeof(value));
}

static void write_flag(struct hk_str *out, bool value) {
	write_u32(out, value);
}

static void write_mount_kind(struct hk_str *out, enum hk_mount_kind value) {
	write_u32(out, value);
}

static void write_mount_flags(struct hk_str *out, uint32_t value) {
	write_u32(out, value);
}

static void write_filter_flags(struct hk_str *out, uint32_t value) {
	write_u32(out, value);
}

static void write_text(struct hk_str *out, const char *text) {
	size_t size = text ? strlen(text) + 1 : 0;
	if (size > HK_WIRE_MAX) {
		out->failed = true; /* its length would not fit, and no reader would take it */
		return;
	}
	write_u32(out, (uint32_t)size);
	hk_str_add_bytes(out, text, size);
}

static void write_path(struct hk_str *out, const char *path) {
	write_text(out, path);
}

static void write_secret(struct hk_str *out, struct hk_secret secret) {
	if (secret.bytes && secret.size >= HK_WIRE_MAX) {
		out->failed = true; /* as for a text */
		return;
	}
	write_u32(out, secret.bytes ? secret.size + 1 : 0);
	hk_str_add_bytes(out, secret.bytes, secret.bytes ? secret.size : 0);
}

static void write_list(struct hk_str *out, struct hk_strs list) {
	write_u32(out, (uint32_t)list.count);
	for (size_t i = 0; i < list.count; i++) {
		write_text(out, list.items[i]);
	}
}

static void write_mount_list(struct hk_str *out, struct hk_mount_ops mounts) {
	write_u32(out, (uint32_t)mounts.count);
	for (size_t i = 0; i < mounts.count; i++) {
		const struct hk_mount_op *op = &mounts.items[i];
#define WRITE(kind, name) write_##kind(out, op->name);
		HK_WIRE_MOUNT_FIELDS(WRITE)
#undef WRITE
	}
}

void hk_wire_write(const struct hk_container_params *params, struct hk_str *out) {
#define WRITE(kind, name) write_##kind(out, params->name);
	HK_WIRE_PARAMS_FIELDS(WRITE)
#undef WRITE
}

void hk_wire_write_spaces(const struct hk_container_spaces *spaces, struct hk_str *out) {
#define WRITE(kind, name) write_##kind(out, spaces->name);
	HK_WIRE_SPACES_FIELDS(WRITE)
#undef WRITE
}

/* -- reading ------------------------------------------------------------------------------ */

struct reader {
	struct hk_arena *arena;
	const char *bytes; /* what is left */
	size_t size;
	struct hk_err *err;
};

static int refuse(struct reader *in, const char *why) {
	(void)hk_err_say(in->err, -EBADMSG, "%s", why); /* its result is the next line's */
	return -EBADMSG;
}

/* The next bytes, or NULL with the error set. */
static const char *take(struct reader *in, size_t size) {
	if (size > in->size) {
		(void)refuse(in, "cut short"); /* NULL says it */
		return NULL;
	}
	const char *taken = in->bytes;
	in->bytes += size;
	in->size -= size;
	return taken;
}

static int read_u32(struct reader *in, uint32_t *ret_value) {
	const char *bytes = take(in, sizeof(*ret_value));
	if (!bytes) {
		return -EBADMSG;
	}
	memcpy(ret_value, bytes, sizeof(*ret_value));
	return 0;
}

static int read_u64(struct reader *in, uint64_t *ret_value) {
	const char *bytes = take(in, sizeof(*ret_value));
	if (!bytes) {
		return -EBADMSG;
	}
	memcpy(ret_value, bytes, sizeof(*ret_value));
	return 0;
}

static int read_i64(struct reader *in, int64_t *ret_value) {
	const char *bytes = take(in, sizeof(*ret_value));
	if (!bytes) {
		return -EBADMSG;
	}
	memcpy(ret_value, bytes, sizeof(*ret_value));
	return 0;
}

/* A number that is at most max. */
static int read_up_to(struct reader *in, uint32_t max, uint32_t *ret_value) {
	uint32_t value;
	int r = read_u32(in, &value);
	if (r < 0) {
		return r;
	}
	if (value > max) {
		return refuse(in, "out of range");
	}
	*ret_value = value;
	return 0;
}

static int read_flag(struct reader *in, bool *ret_value) {
	uint32_t value;
	int r = read_up_to(in, 1, &value);
	if (r < 0) {
		return r;
	}
	*ret_value = value == 1;
	return 0;
}

static int read_mount_kind(struct reader *in, enum hk_mount_kind *ret_kind) {
	uint32_t value;
	int r = read_up_to(in, HK_MOUNT_KINDS - 1, &value);
	if (r < 0) {
		return r;
	}
	*ret_kind = (enum hk_mount_kind)value;
	return 0;
}

static int read_mount_flags(struct reader *in, uint32_t *ret_flags) {
	return read_up_to(in, KNOWN_MOUNT_FLAGS, ret_flags);
}

static int read_filter_flags(struct reader *in, uint32_t *ret_flags) {
	return read_up_to(in, HK_FILTER_PRESETS - 1, ret_flags);
}

static int read_text(struct reader *in, const char **ret_text) {
	uint32_t size;
	int r = read_u32(in, &size);
	if (r < 0) {
		return r;
	}
	if (size == 0) {
		*ret_text = NULL;
		return 0;
	}
	const char *text = take(in, size);
	if (!text) {
		return -EBADMSG;
	}
	if (memchr(text, '\0', size) != text + size - 1) {
		return refuse(in, "not a text");
	}
	*ret_text = text;
	return 0;
}

static int read_secret(struct reader *in, struct hk_secret *ret_secret) {
	uint32_t above; /* one more than the size */
	int r = read_u32(in, &above);
	if (r < 0) {
		return r;
	}
	if (above == 0) {
		*ret_secret = (struct hk_secret){0};
		return 0;
	}
	const char *bytes = take(in, above - 1);
	if (!bytes) {
		return -EBADMSG;
	}
	*ret_secret = (struct hk_secret){.bytes = bytes, .size = above - 1};
	return 0;
}

static int read_path(struct reader *in, const char **ret_path) {
	const char *path;
	int r = read_text(in, &path);
	if (r < 0) {
		return r;
	}
	if (!hk_path_is_clean(path)) {
		return refuse(in, "not an absolute and clean path");
	}
	*ret_path = path;
	return 0;
}

static int read_list(struct reader *in, struct hk_strs *ret_list) {
	uint32_t count;
	int r = read_up_to(in, HK_WIRE_LIST_MAX, &count);
	if (r < 0) {
		return r;
	}
	struct hk_strs list = {0};
	/* The list grows with what has been read, never to what count promises. */
	for (uint32_t i = 0; i < count; i++) {
		const char *text;
		r = read_text(in, &text);
		if (r < 0) {
			return r;
		}
		if (!text) {
			return refuse(in, "an item is missing");
		}
		if (hk_strs_add_borrowed(in->arena, &list, text) < 0) {
			return hk_err_oom(in->err);
		}
	}
	*ret_list = list;
	return 0;
}

#define READ(kind, name)                                                                           \
	if (read_##kind(in, &into->name) < 0) {                                                    \
		return hk_err_frame(in->err, "%s", #name);                                         \
	}

static int read_mount(struct reader *in, struct hk_mount_op *into) {
	HK_WIRE_MOUNT_FIELDS(READ)
	if (into->lower.count > HK_MOUNT_LOWER_MAX) {
		(void)refuse(in, "out of range"); /* framed at once */
		return hk_err_frame(in->err, "lower");
	}
	return 0;
}

static int read_mount_list(struct reader *in, struct hk_mount_ops *ret_mounts) {
	uint32_t count;
	int r = read_up_to(in, HK_MOUNT_OPS_MAX, &count);
	if (r < 0) {
		return r;
	}
	struct hk_mount_ops mounts = {0};
	for (uint32_t i = 0; i < count; i++) {
		struct hk_mount_op *op = hk_vec_add(in->arena, &mounts);
		if (!op) {
			return hk_err_oom(in->err);
		}
		if (read_mount(in, op) < 0) {
			return hk_err_frame(in->err, "%u", i);
		}
	}
	*ret_mounts = mounts;
	return 0;
}

static int read_params(struct reader *in, struct hk_container_params *into) {
	HK_WIRE_PARAMS_FIELDS(READ)
	if (into->argv.count == 0) {
		(void)refuse(in, "empty"); /* framed at once */
		return hk_err_frame(in->err, "argv");
	}
	if (in->size != 0) {
		return refuse(in, "bytes after the end");
	}
	return 0;
}

static int read_spaces(struct reader *in, struct hk_container_spaces *into) {
	HK_WIRE_SPACES_FIELDS(READ)
	return in->size != 0 ? refuse(in, "bytes after the end") : 0;
}

int hk_wire_read_spaces(const void *bytes, size_t size, struct hk_container_spaces *ret_spaces,
	struct hk_err *err) {
	struct reader in = {.bytes = bytes, .size = size, .err = err};
	struct hk_container_spaces spaces = {0};
	if (read_spaces(&in, &spaces) < 0) {
		return hk_err_frame(err, "malformed namespaces");
	}
	*ret_spaces = spaces;
	return 0;
}

int hk_wire_read(struct hk_arena *arena, const void *bytes, size_t size,
	struct hk_container_params *ret_params, struct hk_err *err) {
	if (size > HK_WIRE_MAX) {
		return hk_err_say(err, -EMSGSIZE, "malformed plan: %zu bytes", size);
	}
	struct reader in = {.arena = arena, .bytes = bytes, .size = size, .err = err};
	struct hk_container_params params = {0};
	if (read_params(&in, &params) < 0) {
		return hk_err_frame(err, "malformed plan");
	}
	*ret_params = params;
	return 0;
}
