/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <errno.h>
#include <jansson.h>

#include "base/auto.h"
#include "plan/names.h"
#include "plan/wire_fields.h"

/*
 * jansson's functions that take over a reference accept NULL and fail then. So values are made
 * and handed on without a look, and `put` is where a failure is noticed.
 */
struct builder {
	bool failed;
};

/* object.name = value, which is taken over. Fails on a text that is no UTF-8, too: then value
 * is NULL. */
static void put(struct builder *b, json_t *object, const char *name, json_t *value) {
	if (json_object_set_new(object, name, value) < 0) {
		b->failed = true;
	}
}

static void append(struct builder *b, json_t *array, json_t *value) {
	if (json_array_append_new(array, value) < 0) {
		b->failed = true;
	}
}

/* -- one function for each kind of field in wire_fields.h ---------------------------------- */

static json_t *make_flag(struct builder *b, bool value) {
	(void)b; /* all of these have the same shape */
	return json_boolean(value);
}

static json_t *make_i64(struct builder *b, int64_t value) {
	(void)b;
	return json_integer(value);
}

static json_t *make_u32(struct builder *b, uint32_t value) {
	return make_i64(b, value);
}

static json_t *make_u64(struct builder *b, uint64_t value) {
	return make_i64(b, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static json_t *make_text(struct builder *b, const char *text) {
	(void)b;
	return text ? json_string(text) : json_null();
}

static json_t *make_path(struct builder *b, const char *path) {
	return make_text(b, path);
}

/* How much there is, and not what. */
static json_t *make_secret(struct builder *b, struct hk_secret secret) {
	return secret.bytes ? make_u32(b, secret.size) : json_null();
}

static json_t *make_list(struct builder *b, struct hk_strs list) {
	json_t *array = json_array();
	for (size_t i = 0; i < list.count; i++) {
		append(b, array, json_string(list.items[i]));
	}
	return array;
}

static json_t *make_flags(
	struct builder *b, const struct hk_plan_flag *flags, size_t count, uint32_t bits) {
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++) {
		if (bits & flags[i].bit) {
			append(b, array, json_string(flags[i].name));
		}
	}
	return array;
}

static json_t *make_mount_flags(struct builder *b, uint32_t bits) {
	return make_flags(b, hk_plan_mount_flags, HK_PLAN_MOUNT_FLAGS, bits);
}

static json_t *make_filter_flags(struct builder *b, uint32_t bits) {
	return make_flags(b, hk_plan_filter_flags, HK_PLAN_FILTER_FLAGS, bits);
}

static json_t *make_mount_kind(struct builder *b, enum hk_mount_kind kind) {
	return make_text(b, hk_plan_mount_kind_name(kind));
}

static json_t *make_mount_list(struct builder *b, struct hk_mount_ops mounts) {
	json_t *array = json_array();
	for (size_t i = 0; i < mounts.count; i++) {
		const struct hk_mount_op *op = &mounts.items[i];
		json_t *object = json_object();
#define PUT(kind, name) put(b, object, #name, make_##kind(b, op->name));
		HK_WIRE_MOUNT_FIELDS(PUT)
#undef PUT
		append(b, array, object);
	}
	return array;
}

static json_t *make_container(struct builder *b, const struct hk_container_params *params) {
	json_t *object = json_object();
#define PUT(kind, name) put(b, object, #name, make_##kind(b, params->name));
	HK_WIRE_PARAMS_FIELDS(PUT)
#undef PUT
	return object;
}

/* -- the rest of the plan ------------------------------------------------------------------ */

static json_t *make_host_op(struct builder *b, const struct hk_host_op *op) {
	json_t *object = json_object();
	put(b, object, "kind", make_text(b, hk_host_kind_name(op->kind)));
	put(b, object, "path", make_text(b, op->path));
	switch (op->kind) {
	case HK_HOST_DIRECTORY:
		put(b, object, "mode", make_u32(b, op->mode));
		put(b, object, "stays", make_flag(b, op->stays));
		break;
	case HK_HOST_ACL:
		put(b, object, "target", make_u32(b, op->target));
		put(b, object, "perm", make_text(b, hk_plan_perm_format(op->perm).text));
		break;
	case HK_HOST_WAYLAND:
	case HK_HOST_X11:
	case HK_HOST_DBUS:
		put(b, object, "target", make_u32(b, op->target));
		break;
	case HK_HOST_HARDLINK:
	case HK_HOST_KINDS:
		break;
	}
	if (op->source) {
		put(b, object, "source", make_text(b, op->source));
	}
	if (op->text) {
		put(b, object, "text", make_text(b, op->text));
	}
	if (op->args.count > 0) {
		put(b, object, "args", make_list(b, op->args));
	}
	return object;
}

static json_t *make_plan(struct builder *b, const struct hk_plan *plan) {
	json_t *object = json_object();
	put(b, object, "id", make_text(b, hk_id_format(&plan->id).text));
	put(b, object, "identity", make_u32(b, plan->identity));
	put(b, object, "target", make_u32(b, plan->target));
	put(b, object, "share", make_text(b, plan->share));
	put(b, object, "run_dir", make_text(b, plan->run_dir));
	put(b, object, "instance_dir", make_text(b, plan->instance_dir));
	json_t *host = json_array();
	for (size_t i = 0; i < plan->host.count; i++) {
		append(b, host, make_host_op(b, &plan->host.items[i]));
	}
	put(b, object, "host", host);
	put(b, object, "container", make_container(b, &plan->container));
	put(b, object, "warnings", make_list(b, plan->warnings));
	put(b, object, "hints", make_list(b, plan->hints));
	return object;
}

static int add_part(const char *text, size_t size, void *out) {
	hk_str_add_bytes(out, text, size);
	return 0;
}

int hk_plan_print_json(const struct hk_plan *plan, struct hk_str *out, struct hk_err *err) {
	struct builder b = {0};
	json_t *object = make_plan(&b, plan);
	HK_AUTO(str) struct hk_str text = {0};
	int r = 0;
	if (b.failed || json_dump_callback(object, add_part, &text, JSON_INDENT(4)) < 0 ||
		text.failed) {
		r = hk_err_say(err, -EILSEQ,
			"cannot print the plan as JSON: a text in it is not UTF-8, or memory is "
			"short");
	}
	json_decref(object);
	if (r < 0) {
		return r;
	}
	hk_str_add_json(out, text.text);
	hk_str_add(out, "\n");
	return out->failed ? hk_err_oom(err) : 0;
}
