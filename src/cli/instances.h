/* SPDX-License-Identifier: MIT */
/* instances.h: the person's store, for the commands that look into it. */
#ifndef HK_CLI_INSTANCES_H
#define HK_CLI_INSTANCES_H

#include "cli/command.h"
#include "store/store.h"

struct hk_cli_store {
	struct hk_host_scope scope;
	struct hk_store store;
};

/* Opens the person's store; close it with hk_store_close(&store->store). */
int hk_cli_store_open(const struct hk_cli *cli, struct hk_cli_store *ret_store, struct hk_err *err);

/* The live instances, oldest first. Dead ones are recovered on the way. */
int hk_cli_list(
	const struct hk_cli *cli, struct hk_store_instances *ret_instances, struct hk_err *err);

/* "1h2m32s", of nanoseconds since the epoch until now. */
struct hk_uptime {
	char text[32];
};
struct hk_uptime hk_cli_uptime(uint64_t since);

#endif
