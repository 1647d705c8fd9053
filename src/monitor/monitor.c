/* SPDX-License-Identifier: MIT */
#include "monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "monitor/run.h"
#include "monitor/scope.h"
#include "plan/wire.h"
#include "sys/sys.h"

#define NS_PER_US	  1000
#define ANSWER_TIMEOUT_MS 5000 /* that a shim may take to read */
#define HELPER_FAILED	  1    /* what hsu exits with, after a line that says why */

/* Before the shim is launched: a signal that comes from here on is read in order, and cannot
 * leave anything behind. */
static int take_signals(struct hk_run *run, struct hk_err *err) {
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* Blocked, an ignored one would arrive all the same: nohup means what it says. */
		if (hk_sys_signal_is_ignored(signals[i]) == 0) {
			(void)sigaddset(&set, signals[i]);
		}
	}
	int r = hk_sys_sigmask(SIG_BLOCK, &set, NULL);
	r = r < 0 ? r : hk_sys_signalfd(&set);
	if (r < 0) {
		return hk_err_step(err, r, "take over signals");
	}
	run->signals = r;
	return 0;
}

/* Everything on the host will be done for this uid: it must be the one that the kernel sees at the
 * other end, and the person's own, of the identity that was asked for. */
static int check_target(struct hk_run *run, uid_t said, struct hk_err *err) {
	uid_t seen = run->shim.channel.sender.uid;
	uint32_t identity = (uint32_t)run->request->config->identity;
	if (seen != said) {
		return hk_err_say(
			err, -EPROTO, "the shim says that it is uid %u, but it is %u", said, seen);
	}
	int r = hk_scope_find(run->arena, run->backend, run->facts, seen, &run->scope, err);
	if (r < 0) {
		return r;
	}
	uid_t expected = run->scope.targets[0].first + identity;
	if (seen != expected) {
		return hk_err_say(err, -EPROTO, "the shim is uid %u instead of %u", seen, expected);
	}
	run->target = seen;
	return 0;
}

/* The shim says which uid it has. */
static int await_hello(struct hk_run *run, struct hk_err *err) {
	struct hk_message message;
	int r = hk_run_await(run, &message, err);
	if (r == -EPIPE) {
		int status = hk_shim_finish(&run->shim);
		/* Its line is enough, unless there are other backends to speak of. */
		run->said = WIFEXITED(status) && WEXITSTATUS(status) == HELPER_FAILED &&
			    strcmp(run->request->backend, run->backend->name) == 0;
		return hk_backend_say_not_started(
			run->arena, run->request->backend, run->backend, err);
	}
	if (r < 0) {
		return r;
	}
	if (message.kind == HK_MESSAGE_ERROR) {
		hk_channel_read_error(&message, err);
		return err->code;
	}
	if (message.kind != HK_MESSAGE_HELLO) {
		return hk_err_say(err, -EPROTO, "the shim does not introduce itself");
	}
	return check_target(run, message.value, err);
}

/* The shim makes the namespaces while we plan what will be in them. Sockets of services are bound
 * from the instance directory, which is not there yet: with those the mount namespace has to wait.
 */
static int send_spaces(struct hk_run *run, struct hk_err *err) {
	const struct hk_enablements *services = &run->request->config->enablements;
	struct hk_container_spaces spaces;
	int r = hk_outcome_spaces(run->request->config, &spaces, err);
	if (r < 0) {
		return r;
	}
	spaces.mounts_late =
		services->wayland || services->x11 || services->dbus || services->pulse;
	HK_AUTO(str) struct hk_str bytes = {0};
	hk_wire_write_spaces(&spaces, &bytes);
	if (bytes.failed) {
		return hk_err_oom(err);
	}
	const struct hk_message message = {
		.kind = HK_MESSAGE_SPACES, .bytes = bytes.text, .size = (uint32_t)bytes.length};
	r = hk_channel_send(&run->shim.channel, &message, -1, ANSWER_TIMEOUT_MS, err);
	return r == -EPIPE ? 0 : r; /* it is gone: what it said is read next */
}

static int start(struct hk_run *run, struct hk_err *err) {
	const struct hk_config *config = run->request->config;
	struct hk_backend_request request = {
		.identity = (uint32_t)config->identity,
		.group_names = &config->groups,
		.keep_session = !config->container || config->container->tty,
	};
	int r = take_signals(run, err);
	r = r < 0 ? r : hk_outcome_groups(config, run->arena, &request.groups, err);
	r = r < 0 ? r : hk_backend_choose(run->arena, run->request->backend, &run->backend, err);
	r = r < 0 ? r : run->backend->launch(run->arena, &request, &run->shim, err);
	return r < 0 ? r : send_spaces(run, err);
}

/* What does not depend on the target, while the shim comes up. */
static int prepare(struct hk_run *run, struct hk_err *err) {
	char *store = NULL;
	run->scope.person = hk_sys_getuid();
	int r = run->backend->look_up(run->arena, &run->facts, err);
	r = r < 0 ? r : hk_outcome_store(run->arena, &store, err);
	return r < 0 ? r : hk_store_open(store, &run->scope, &run->store, err);
}

static int plan(struct hk_run *run, struct hk_err *err) {
	int r = await_hello(run, err);
	if (r < 0) {
		return r;
	}
	hk_log_verbose(run->log, "backend %s: the program will be uid %u", run->backend->name,
		run->target);
	r = hk_run_finalise(run, err);
	for (size_t i = 0; r >= 0 && i < run->plan.warnings.count; i++) {
		hk_log_warning(run->log, "%s", HK_ESC(run->plan.warnings.items[i]));
	}
	for (size_t i = 0; r >= 0 && i < run->plan.hints.count; i++) {
		hk_log_verbose(run->log, "hint: %s", HK_ESC(run->plan.hints.items[i]));
	}
	return r;
}

static int commit(struct hk_run *run, struct hk_err *err) {
	run->store.cancel_fd = run->signals;
	const struct hk_store_info info = {
		.plan = &run->plan,
		.config = run->request->config,
		.backend = run->backend->name,
		.pid = hk_sys_getpid(),
		.shim_pid = run->shim.pid,
		.time = hk_sys_realtime_ns(),
		.identifier_fd = run->request->identifier_fd,
	};
	int r = hk_store_begin(&run->store, &info, run->log, &run->entry, err);
	run->stored = r >= 0;
	run->store.cancel_fd = 0; /* putting back what was changed is worth waiting for */
	run->host = (struct hk_host_context){.scope = &run->scope, .log = run->log};
	return r < 0 ? r : hk_host_start(&run->host, &run->entry.records, err);
}

static int send_plan(struct hk_run *run, struct hk_err *err) {
	HK_AUTO(str) struct hk_str bytes = {0};
	hk_wire_write(&run->plan.container, &bytes);
	if (bytes.failed) {
		return hk_err_oom(err);
	}
	if (bytes.length > HK_WIRE_MAX) {
		return hk_err_say(err, -E2BIG, "the plan is too large: %zu bytes", bytes.length);
	}
	HK_AUTO(fd)
	int dir = hk_sys_open(run->plan.instance_dir, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	if (dir < 0) {
		return hk_err_step(err, dir, "open '%s'", HK_ESC(run->plan.instance_dir));
	}
	const struct hk_message message = {
		.kind = HK_MESSAGE_PLAN,
		.value = run->log->verbose,
		.bytes = bytes.text,
		.size = (uint32_t)bytes.length,
	};
	return hk_channel_send(&run->shim.channel, &message, dir, ANSWER_TIMEOUT_MS, err);
}

static int serve(struct hk_run *run, struct hk_err *err) {
	struct hk_message message;
	int r = send_plan(run, err);
	run->served = r >= 0;
	r = r < 0 ? r : hk_run_await(run, &message, err);
	if (r == -EPIPE) {
		return hk_err_say(err, r, "the shim ended before the program was started");
	}
	if (r < 0) {
		return r;
	}
	if (message.kind == HK_MESSAGE_STARTED) {
		return 0;
	}
	if (message.kind != HK_MESSAGE_ERROR) {
		return hk_err_say(err, -EPROTO, "the shim sends something that is no answer");
	}
	hk_channel_read_error(&message, err);
	if (message.value == HK_MESSAGE_ERROR_EXEC) {
		run->result.end =
			err->code == -ENOENT ? HK_MONITOR_NOT_FOUND : HK_MONITOR_NOT_EXECUTABLE;
	}
	return err->code;
}

/* The states before the wait, in order. */
static const struct {
	const char *name;
	int (*enter)(struct hk_run *run, struct hk_err *err);
} states[] = {
	{"start", start},
	{"prepare", prepare},
	{"plan", plan},
	{"commit", commit},
	{"serve", serve},
};

static int enter_states(struct hk_run *run, struct hk_err *err) {
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		uint64_t begin = hk_sys_monotonic_ns();
		int r = states[i].enter(run, err);
		hk_log_verbose(run->log, "%s: %s after %" PRIu64 " us", states[i].name,
			r < 0 ? "failed" : "done", (hk_sys_monotonic_ns() - begin) / NS_PER_US);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* The container is gone before the host half is: nothing may still use what is reverted. */
static void cleanup(struct hk_run *run) {
	uint64_t begin = hk_sys_monotonic_ns();
	if (run->lost) {
		hk_channel_finish(&run->shim.channel); /* if it is alive after all, this ends it */
	} else if (!run->gone) {
		(void)hk_shim_finish(&run->shim); /* the outcome came over the channel */
	}
	if (run->stored) {
		hk_host_stop(&run->host, &run->entry.records);
		/* What could not be reverted has been said, and stays for the next command. */
		(void)hk_store_end(&run->store, &run->entry, run->log);
	}
	if (run->store.dir >= 0) {
		hk_store_close(&run->store);
	}
	if (run->gone) {
		(void)hk_shim_finish(&run->shim); /* it had little left to do */
	}
	hk_auto_fd(&run->signals);
	hk_log_verbose(run->log, "cleanup: done after %" PRIu64 " us",
		(hk_sys_monotonic_ns() - begin) / NS_PER_US);
}

struct hk_monitor_result hk_monitor_run(const struct hk_monitor_request *request) {
	struct hk_run run = {
		.request = request,
		.arena = request->arena,
		.log = request->log,
		.shim = {.pidfd = -1, .channel = {.fd = -1, .received_fd = -1}},
		.store = {.dir = -1},
		.entry = {.fd = -1},
		.signals = -1,
		.result = {.end = HK_MONITOR_FAILED},
	};
	struct hk_err err;
	if (enter_states(&run, &err) < 0) {
		if (!run.said) {
			hk_log_error(run.log, &err);
		}
		hk_run_status_failed(&run, &err);
		run.entry.failed = true;
	} else {
		hk_run_status_started(&run);
		if (run.plan.container.keep_session) {
			hk_log_hold(run.log); /* the terminal is the program's now */
		}
		hk_run_wait(&run);
		hk_log_release(run.log);
		hk_run_status_ended(&run);
	}
	cleanup(&run);
	return run.result;
}
