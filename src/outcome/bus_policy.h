/* SPDX-License-Identifier: MIT */
/* bus_policy.h: what a bus policy is to the D-Bus proxy, and to the person. */
#ifndef HK_OUTCOME_BUS_POLICY_H
#define HK_OUTCOME_BUS_POLICY_H

#include "outcome/feature.h"

/* Adds the proxy's arguments that say the policy. Texts lie in the arena. */
int hk_outcome_policy_arguments(struct hk_arena *arena, const struct hk_bus_policy *policy,
	struct hk_strs *args, struct hk_err *err);

/* Warns of what the policy gives away: names through which the host can be driven, or all. bus:
 * "session" or "system". */
int hk_outcome_policy_warn(struct hk_outcome_state *state, const struct hk_bus_policy *policy,
	const char *bus, struct hk_err *err);

#endif
