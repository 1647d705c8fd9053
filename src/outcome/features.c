/* SPDX-License-Identifier: MIT */
/*
 * The features of a container, in order. To add one: a file with its two halves, its line in
 * feature.h, its row here. docs/plan.md says what has to come before what.
 */
#include "outcome/feature.h"

#include <errno.h>

const struct hk_outcome_feature *const hk_outcome_features[] = {
	&hk_outcome_params, /* first: the root that everything else is put into */
	&hk_outcome_runtime, &hk_outcome_tmpdir, &hk_outcome_account,
	&hk_outcome_wayland, &hk_outcome_x11, &hk_outcome_pulse, /* dbus: here */
	&hk_outcome_filesystem, /* last: what the person mounts may cover what is ours */
};

const size_t hk_outcome_feature_count =
	sizeof(hk_outcome_features) / sizeof(hk_outcome_features[0]);

/* -- what a configuration can ask for and no row above does ------------------------------- */

static bool wants_dbus(const struct hk_config *config) {
	return config->enablements.dbus;
}

static const struct {
	const char *name;
	bool (*wanted)(const struct hk_config *config);
} missing[] = {
	{"dbus", wants_dbus},
};

int hk_outcome_check_missing(const struct hk_config *config, struct hk_err *err) {
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		if (missing[i].wanted(config)) {
			return hk_err_say(err, -EOPNOTSUPP, "%s is not supported by this build yet",
				missing[i].name);
		}
	}
	return 0;
}
