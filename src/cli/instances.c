/* SPDX-License-Identifier: MIT */
#include "cli/instances.h"

#include <inttypes.h>
#include <stdio.h>

#include "monitor/scope.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

#define NS_PER_S UINT64_C(1000000000)

int hk_cli_store_open(
	const struct hk_cli *cli, struct hk_cli_store *ret_store, struct hk_err *err) {
	char *path;
	int r = hk_scope_find(cli->arena, NULL, NULL, 0, &ret_store->scope, err);
	r = r < 0 ? r : hk_outcome_store(cli->arena, &path, err);
	return r < 0 ? r : hk_store_open(path, &ret_store->scope, &ret_store->store, err);
}

int hk_cli_list(
	const struct hk_cli *cli, struct hk_store_instances *ret_instances, struct hk_err *err) {
	struct hk_cli_store store;
	int r = hk_cli_store_open(cli, &store, err);
	if (r < 0) {
		return r;
	}
	r = hk_store_list(&store.store, cli->arena, cli->log, ret_instances, err);
	hk_store_close(&store.store);
	return r;
}

struct hk_uptime hk_cli_uptime(uint64_t since) {
	uint64_t now = hk_sys_realtime_ns();
	uint64_t seconds = now > since ? (now - since) / NS_PER_S : 0;
	uint64_t minutes = seconds / 60;
	uint64_t hours = minutes / 60;
	struct hk_uptime uptime;
	if (hours > 0) {
		(void)snprintf(uptime.text, sizeof(uptime.text),
			"%" PRIu64 "h%" PRIu64 "m%" PRIu64 "s", hours, minutes % 60, seconds % 60);
	} else if (minutes > 0) {
		(void)snprintf(uptime.text, sizeof(uptime.text), "%" PRIu64 "m%" PRIu64 "s",
			minutes, seconds % 60);
	} else {
		(void)snprintf(uptime.text, sizeof(uptime.text), "%" PRIu64 "s", seconds);
	}
	return uptime;
}
