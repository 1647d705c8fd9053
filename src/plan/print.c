/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <stdio.h>

#include "plan/names.h"

/* -- columns ------------------------------------------------------------------------------ */

static void heading(struct hk_str *out, const char *text) {
	hk_str_addf(out, "\n%s\n", text);
}

static void label(struct hk_str *out, const char *name) {
	hk_str_addf(out, "    %-16s", name);
}

static void line_text(struct hk_str *out, const char *name, const char *text) {
	label(out, name);
	hk_str_add_escaped(out, text);
	hk_str_add(out, "\n");
}

static void line_number(struct hk_str *out, const char *name, uint32_t number) {
	label(out, name);
	hk_str_addf(out, "%u\n", number);
}

static void line_yes(struct hk_str *out, const char *name, bool value) {
	line_text(out, name, value ? "yes" : "no");
}

/* A duration in seconds, with as many digits behind the point as it needs. */
static void line_time(struct hk_str *out, const char *name, int64_t ns) {
	const uint64_t second = 1000000000;
	const uint64_t amount = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char fraction[16];
	int length = snprintf(
		fraction, sizeof(fraction), ".%09llu", (unsigned long long)(amount % second));
	while (length > 0 && (fraction[length - 1] == '0' || fraction[length - 1] == '.')) {
		fraction[--length] = '\0';
	}
	label(out, name);
	hk_str_addf(out, "%s%llu%s s\n", ns < 0 ? "-" : "", (unsigned long long)(amount / second),
		fraction);
}

static void add_flags(
	struct hk_str *out, const struct hk_plan_flag *flags, size_t count, uint32_t bits) {
	for (size_t i = 0; i < count; i++) {
		if (bits & flags[i].bit) {
			hk_str_addf(out, " %s", flags[i].name);
		}
	}
}

static void add_named(struct hk_str *out, const char *name, const char *text) {
	if (text) {
		hk_str_addf(out, " %s ", name);
		hk_str_add_escaped(out, text);
	}
}

/* -- the host half ------------------------------------------------------------------------ */

static void print_host_op(const struct hk_host_op *op, struct hk_str *out) {
	label(out, hk_host_kind_name(op->kind));
	hk_str_add_escaped(out, op->path);
	switch (op->kind) {
	case HK_HOST_DIRECTORY:
		hk_str_addf(out, " mode %04o%s", op->mode, op->stays ? " stays" : "");
		break;
	case HK_HOST_ACL:
		hk_str_addf(out, " %s for %u", hk_plan_perm_format(op->perm).text, op->target);
		break;
	case HK_HOST_WAYLAND:
	case HK_HOST_X11:
	case HK_HOST_DBUS:
		hk_str_addf(out, " for %u", op->target);
		break;
	case HK_HOST_HARDLINK:
	case HK_HOST_KINDS:
		break;
	}
	add_named(out, "from", op->source);
	add_named(out, "text", op->text);
	hk_str_add(out, "\n");
	for (size_t i = 0; i < op->args.count; i++) {
		line_text(out, "    argument", op->args.items[i]);
	}
}

/* -- the container half ------------------------------------------------------------------- */

static void print_mount(const struct hk_mount_op *op, struct hk_str *out) {
	label(out, hk_plan_mount_kind_name(op->kind));
	hk_str_add_escaped(out, op->target);
	add_named(out, "from", op->source);
	for (size_t i = 0; i < op->lower.count; i++) {
		add_named(out, "lower", op->lower.items[i]);
	}
	add_named(out, "upper", op->upper);
	add_named(out, "work", op->work);
	add_flags(out, hk_plan_mount_flags, HK_PLAN_MOUNT_FLAGS, op->flags);
	if (op->mode) {
		hk_str_addf(out, " mode %04o", op->mode);
	}
	if (op->size) {
		hk_str_addf(out, " size %llu", (unsigned long long)op->size);
	}
	if (op->secret.bytes) {
		hk_str_addf(out, " secret of %u bytes", op->secret.size);
	}
	/* Last, and to the end of the line: it may hold anything. */
	add_named(out, "text", op->text);
	hk_str_add(out, "\n");
}

static void print_container(const struct hk_container_params *params, struct hk_str *out) {
	heading(out, "container");
	line_number(out, "uid", params->uid);
	line_number(out, "gid", params->gid);
	line_text(out, "hostname", params->hostname ? params->hostname : "");
	line_yes(out, "userns", params->userns);
	line_yes(out, "host_net", params->host_net);
	line_yes(out, "host_abstract", params->host_abstract);
	line_yes(out, "keep_session", params->keep_session);
	label(out, "filter");
	hk_str_add(out, params->filter ? "strict, but for" : "strict");
	add_flags(out, hk_plan_filter_flags, HK_PLAN_FILTER_FLAGS, params->filter);
	hk_str_add(out, "\n");
	line_text(out, "path", params->path);
	for (size_t i = 0; i < params->argv.count; i++) {
		line_text(out, "argument", params->argv.items[i]);
	}
	line_text(out, "directory", params->directory);
	label(out, "umask");
	hk_str_addf(out, "%04o\n", params->umask);
	line_yes(out, "forward_cancel", params->forward_cancel);
	line_time(out, "wait_delay", params->wait_delay);
	line_time(out, "adopt_delay", params->adopt_delay);

	heading(out, "mounts");
	for (size_t i = 0; i < params->mounts.count; i++) {
		print_mount(&params->mounts.items[i], out);
	}
	heading(out, "environment");
	for (size_t i = 0; i < params->env.count; i++) {
		hk_str_add(out, "    ");
		hk_str_add_escaped(out, params->env.items[i]);
		hk_str_add(out, "\n");
	}
}

static void print_lines(const char *title, const struct hk_strs *lines, struct hk_str *out) {
	if (lines->count > 0) {
		heading(out, title);
	}
	for (size_t i = 0; i < lines->count; i++) {
		hk_str_add(out, "    ");
		hk_str_add_escaped(out, lines->items[i]);
		hk_str_add(out, "\n");
	}
}

void hk_plan_print(const struct hk_plan *plan, struct hk_str *out) {
	hk_str_add(out, "instance\n");
	line_text(out, "id", hk_id_format(&plan->id).text);
	line_number(out, "identity", plan->identity);
	line_number(out, "target", plan->target);
	line_text(out, "share", plan->share);
	line_text(out, "run_dir", plan->run_dir);
	line_text(out, "instance_dir", plan->instance_dir);

	heading(out, "host");
	for (size_t i = 0; i < plan->host.count; i++) {
		print_host_op(&plan->host.items[i], out);
	}
	print_container(&plan->container, out);
	print_lines("warnings", &plan->warnings, out);
	print_lines("hints", &plan->hints, out);
}
