/* SPDX-License-Identifier: MIT */
#include "config/findings.h"

#include <errno.h>
#include <string.h>

/* Is the place the other one, or in it? */
static bool is_within(const char *place, const char *outer) {
	size_t length = strlen(outer);
	return strncmp(place, outer, length) == 0 &&
	       (length == 0 || strchr(".[", place[length])); /* the final NUL too */
}

bool hk_config_findings_spoilt(const struct hk_config_findings *findings, const char *place) {
	for (size_t i = 0; i < findings->list.count; i++) {
		const struct hk_config_finding *finding = &findings->list.items[i];
		if (finding->bearing == HK_CONFIG_SPOILS &&
			(is_within(finding->place, place) || is_within(place, finding->place))) {
			return true;
		}
	}
	return false;
}

int hk_config_findings_add(
	struct hk_config_findings *findings, const struct hk_config_finding *finding) {
	if (finding->bearing == HK_CONFIG_FOLLOWS &&
		hk_config_findings_spoilt(findings, finding->place)) {
		return 0;
	}
	if (findings->list.count >= HK_CONFIG_FINDINGS_MAX) {
		findings->more = true;
		return 0;
	}
	struct hk_config_finding *slot = hk_vec_add(findings->arena, &findings->list);
	if (!slot) {
		return -ENOMEM;
	}
	*slot = *finding;
	slot->place = hk_arena_strdup(findings->arena, finding->place);
	slot->text = hk_arena_strdup(findings->arena, finding->text);
	return slot->place && slot->text ? 0 : -ENOMEM;
}
