/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

#include "base/auto.h"

int hk_cli_add_json(struct hk_str *out, json_t *document, struct hk_err *err) {
	HK_AUTO(free) char *text = document ? json_dumps(document, JSON_INDENT(4)) : NULL;
	json_decref(document);
	if (!text) {
		return hk_err_oom(err);
	}
	hk_str_add_json(out, text);
	hk_str_add(out, "\n");
	return 0;
}
