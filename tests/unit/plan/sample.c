/* SPDX-License-Identifier: MIT */
#include "sample.h"

void sample_make(struct sample *sample) {
	*sample = (struct sample){
		.host =
			{
				{.kind = HK_HOST_DIRECTORY,
					.path = "/run/u/h",
					.mode = 0711,
					.stays = true},
				{.kind = HK_HOST_ACL,
					.path = "/run/u/\x1b",
					.target = 10009,
					.perm = HK_ACL_R | HK_ACL_X},
			},
		.lower = {"/low/1", "/low/2"},
		.argv = {"app", "a\nb"},
		.env = {"A=", "B=\xc3\xa4"},
		.warnings = {"look out"},
		.mounts =
			{
				{.kind = HK_MOUNT_BIND,
					.target = "/a",
					.source = "/b",
					.flags = HK_MOUNT_WRITE | HK_MOUNT_ENSURE,
					.mode = 01777},
				{.kind = HK_MOUNT_OVERLAY,
					.target = "/o",
					.upper = "/up",
					.work = "/work",
					.size = 7},
				{.kind = HK_MOUNT_REMOUNT,
					.target = "/",
					.flags = HK_MOUNT_CONSOLE,
					.text = "x y",
					.secret = {"a\0\xff", 3}},
			},
	};
	sample->mounts[1].lower = (struct hk_strs){sample->lower, 2, 2};
	sample->plan = (struct hk_plan){
		.id = hk_id_make(1, 2),
		.identity = 9,
		.target = 10009,
		.share = "/tmp/h.0",
		.run_dir = "/run/u/h",
		.instance_dir = "/run/u/h/i",
		.host = {sample->host, 2, 2},
		.warnings = {sample->warnings, 1, 1},
		.container =
			{
				.uid = 1000,
				.gid = 100,
				.hostname = "box",
				.host_net = true,
				.keep_session = true,
				.filter = HK_FILTER_COMPAT | HK_FILTER_BLUETOOTH,
				.mounts = {sample->mounts, 3, 3},
				.path = "/bin/app",
				.argv = {sample->argv, 2, 2},
				.env = {sample->env, 2, 2},
				.directory = "/home",
				.umask = 027,
				.forward_cancel = true,
				.wait_delay = 1500000000,
				.adopt_delay = -1,
			},
	};
}
