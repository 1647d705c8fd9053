/* SPDX-License-Identifier: MIT */
/*
 * The features of a container, in order. To add one: a file with its two halves, its line in
 * feature.h, its row here. docs/plan.md says what has to come before what.
 */
#include "outcome/feature.h"

const struct hk_outcome_feature *const hk_outcome_features[] = {
	&hk_outcome_params, /* first: the root that everything else is put into */
	&hk_outcome_runtime, &hk_outcome_tmpdir, &hk_outcome_account, &hk_outcome_wayland,
	&hk_outcome_x11, &hk_outcome_pulse, &hk_outcome_dbus,
	&hk_outcome_filesystem, /* last: what the person mounts may cover what is ours */
};

const size_t hk_outcome_feature_count =
	sizeof(hk_outcome_features) / sizeof(hk_outcome_features[0]);
