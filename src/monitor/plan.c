/* SPDX-License-Identifier: MIT */
/* plan.c: from a configuration and a target uid to a plan. */
#include <errno.h>

#include "base/path.h"
#include "monitor/run.h"
#include "sys/sys.h"

static int make_id(struct hk_id *ret_id, struct hk_err *err) {
	uint64_t random;
	int r = hk_sys_random(&random, sizeof(random));
	if (r < 0) {
		return hk_err_step(err, r, "get random bytes for the instance id");
	}
	*ret_id = hk_id_make(hk_sys_realtime_ns(), random);
	return 0;
}

int hk_run_finalise(struct hk_run *run, struct hk_err *err) {
	const struct hk_monitor_request *request = run->request;
	int r = 0;
	if (request->complete) {
		r = request->complete(request->data, run->arena, run->target, request->config, err);
	}
	struct hk_outcome_input input = {.config = request->config, .target = run->target};
	r = r < 0 ? r : hk_config_validate(request->config, err);
	r = r < 0 ? r : make_id(&input.id, err);
	r = r < 0 ? r : run->backend->name_share(run->arena, run->target, &input.share_name, err);
	if (r < 0) {
		return r;
	}
	input.store = run->store.path;
	return hk_outcome_finalise(&input, run->arena, &run->plan, err);
}

int hk_monitor_plan(
	const struct hk_monitor_request *request, struct hk_plan *ret_plan, struct hk_err *err) {
	struct hk_run run = {.request = request, .arena = request->arena, .log = request->log};
	struct hk_gids gids;
	char *store = NULL;
	int r = hk_outcome_groups(request->config, run.arena, &gids, err);
	r = r < 0 ? r : hk_outcome_store(run.arena, &store, err);
	run.store.path = store;
	r = r < 0 ? r : hk_backend_choose(run.arena, request->backend, &run.backend, err);
	if (r >= 0) {
		r = run.backend->find_target(
			run.arena, (uint32_t)request->config->identity, &run.target, err);
	}
	r = r < 0 ? r : hk_run_finalise(&run, err);
	if (r < 0) {
		return r;
	}
	*ret_plan = run.plan;
	return 0;
}
