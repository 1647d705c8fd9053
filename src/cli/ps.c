/* SPDX-License-Identifier: MIT */
/* ps.c: the live instances. */
#include <jansson.h>
#include <stdio.h>

#include "base/auto.h"
#include "cli/colour.h"
#include "cli/instances.h"
#include "cli/json.h"

struct options {
	bool brief;
};

static const struct hk_option rows[] = {
	{"short", NULL, HK_OPTION_FLAG, offsetof(struct options, brief), "only the short ids"},
};

static void print_table(const struct hk_store_instances *instances, struct hk_str *out) {
	char head[64];
	(void)snprintf(head, sizeof(head), "%-10s %-8s %-32s %s", "INSTANCE", "PID", "APPLICATION",
		"UPTIME");
	hk_colour_add_head(out, head);
	hk_str_add(out, "\n");
	for (size_t i = 0; i < instances->count; i++) {
		const struct hk_store_instance *instance = &instances->items[i];
		const char *id = instance->application;
		HK_AUTO(str) struct hk_str application = {0};
		hk_str_addf(&application, "%u", instance->identity);
		if (id && id[0]) {
			hk_str_add(&application, " (");
			hk_str_add_escaped(&application, id);
			hk_str_add(&application, ")");
		}
		hk_str_addf(out, "%-10s %-8d %-32s %s\n", hk_id_format_short(&instance->id).text,
			instance->pid, application.text ? application.text : "",
			hk_cli_uptime(instance->time).text);
	}
}

static int print_json(
	const struct hk_store_instances *instances, struct hk_str *out, struct hk_err *err) {
	json_t *array = json_array();
	for (size_t i = 0; array && i < instances->count; i++) {
		const struct hk_store_instance *instance = &instances->items[i];
		json_t *config = instance->config ? json_loads(instance->config, 0, NULL) : NULL;
		json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:o*}", "instance",
			hk_id_format(&instance->id).text, "identity",
			(json_int_t)instance->identity, "target", (json_int_t)instance->target,
			"pid", (json_int_t)instance->pid, "shim_pid",
			(json_int_t)instance->shim_pid, "time", (json_int_t)instance->time,
			"backend", instance->backend, "config", config);
		if (!object || json_array_append_new(array, object) < 0) {
			json_decref(array);
			array = NULL;
		}
	}
	return hk_cli_add_json(out, array, err);
}

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	const struct options *options = values;
	(void)argv; /* there are none */
	struct hk_store_instances instances;
	int r = hk_cli_no_arguments(&hk_command_ps, argc, err);
	r = r < 0 ? r : hk_cli_list(cli, &instances, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str out = {0};
	if (cli->json) {
		r = print_json(&instances, &out, err);
	} else if (options->brief) {
		for (size_t i = 0; i < instances.count; i++) {
			hk_str_addf(&out, "%s\n", hk_id_format_short(&instances.items[i].id).text);
		}
	} else {
		print_table(&instances, &out);
	}
	return r < 0 ? r : hk_cli_print(&out, err);
}

const struct hk_command hk_command_ps = {
	.name = "ps",
	.arguments = "[options]",
	.summary = "list the running instances",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.run = run,
};
