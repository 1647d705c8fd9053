/* SPDX-License-Identifier: MIT */
/* recover.c: reverts what dead instances left, and says so. Every command that takes the store's
 * lock does it as well; this one does nothing else. */
#include <errno.h>

#include "base/auto.h"
#include "cli/instances.h"

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)values; /* it has no options */
	(void)argv;
	struct hk_cli_store store;
	int r = hk_cli_no_arguments(&hk_command_recover, argc, err);
	r = r < 0 ? r : hk_cli_store_open(cli, &store, err);
	if (r < 0) {
		return r;
	}
	struct hk_store_recovered done;
	r = hk_store_recover(&store.store, cli->log, &done, err);
	hk_store_close(&store.store);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str out = {0};
	hk_str_addf(&out,
		cli->json ? "{\"recovered\": %u, \"operations\": %u, \"left\": %u, "
			    "\"unreadable\": %u}\n"
			  : "%u dead instances recovered, %u operations reverted, %u instances "
			    "left, %u unreadable\n",
		done.entries, done.operations, done.left, done.unreadable);
	r = hk_cli_print(&out, err);
	if (r < 0) {
		return r;
	}
	return done.left > 0 || done.unreadable > 0 ? HK_STATUS_NO : HK_STATUS_OK;
}

const struct hk_command hk_command_recover = {
	.name = "recover",
	.arguments = "",
	.summary = "put back what dead instances left changed",
	.run = run,
};
