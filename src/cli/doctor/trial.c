/* SPDX-License-Identifier: MIT */
/*
 * trial.c: a run, of a program that ends at once. Whatever was not looked at shows here.
 *
 * The monitor of it is a child of ours: what it and hsu say can be read, and the signals that a
 * monitor takes over stay ours.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "monitor/monitor.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

#define OUTPUT_MAX (64 * 1024)
#define TIMEOUT_MS 15000 /* more than a start gives all of its servers */
#define SHELL	   "/bin/sh"
#define NS_PER_MS  UINT64_C(1000000)
#define WARNING	   "hakurei: warning: "

int hk_doctor_config(struct hk_doctor *doctor, const struct hk_enablements *enablements,
	struct hk_config *ret_config, struct hk_err *err) {
	struct hk_config config = {
		.path = SHELL, .shell = SHELL, .home = "/", .enablements = *enablements};
	static const char *const argv[] = {"sh", "-c", ":"};
	for (size_t i = 0; i < sizeof(argv) / sizeof(argv[0]); i++) {
		if (hk_strs_add_borrowed(doctor->arena, &config.args, argv[i]) < 0) {
			return hk_err_oom(err);
		}
	}
	int r = hk_outcome_permissive(doctor->arena, &config, err);
	if (r < 0) {
		return r;
	}
	/* Nothing of it stays, then. */
	config.container->share_runtime = HK_FALSE;
	config.container->share_tmpdir = HK_FALSE;
	config.container->map_real_uid = enablements->dbus; /* as `run` does */
	config.container->tty = false;
	*ret_config = config;
	return 0;
}

static _Noreturn void run_child(struct hk_doctor *doctor, struct hk_config *config, int output) {
	struct hk_log log = {.name = "hakurei"};
	const struct hk_monitor_request request = {
		.arena = doctor->arena,
		.log = &log,
		.config = config,
		.backend = doctor->backend->name,
		.identifier_fd = -1,
		.status_fd = -1,
	};
	int r = hk_sys_dup_onto(output, STDOUT_FILENO);
	r = r < 0 ? r : hk_sys_dup_onto(output, STDERR_FILENO);
	if (r < 0) {
		_exit(1);
	}
	const struct hk_monitor_result result = hk_monitor_run(&request);
	_exit(result.end != HK_MONITOR_EXITED || result.value != 0);
}

/* The first line that says what failed: hsu's own, if there is one, is before ours. */
static int say_failure(char *text, struct hk_err *err) {
	char *line = text;
	while (*line) {
		size_t length = strcspn(line, "\n");
		const bool last = line[length] == '\0';
		line[length] = '\0';
		if (length > 0 && !hk_str_starts(line, WARNING)) {
			const char *colon = strstr(line, ": ");
			return hk_err_say(
				err, -EPROTO, "%s", HK_ESC(colon ? colon + strlen(": ") : line));
		}
		line += length + (last ? 0 : 1);
	}
	return hk_err_say(err, -EPROTO, "a start failed, and does not say why");
}

int hk_doctor_try(
	struct hk_doctor *doctor, const struct hk_enablements *enablements, struct hk_err *err) {
	struct hk_config config;
	int pair[2];
	int r = hk_doctor_config(doctor, enablements, &config, err);
	if (r < 0) {
		return r;
	}
	r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int ours = pair[0];
	HK_AUTO(fd) int theirs = pair[1];
	pid_t pid = hk_sys_fork(0, NULL);
	if (pid == 0) {
		run_child(doctor, &config, theirs);
	}
	if (pid < 0) {
		return hk_err_step(err, pid, "start a process");
	}
	(void)hk_sys_close(hk_take(&theirs)); /* or the end of file never comes */
	char *text = NULL;
	size_t size = 0;
	r = hk_sys_receive_timeout(ours, TIMEOUT_MS);
	r = r < 0 ? r : hk_sys_read_all(doctor->arena, ours, OUTPUT_MAX, &text, &size);
	if (r < 0) {
		(void)hk_sys_kill(pid, SIGKILL); /* the next command takes back what it leaves */
	}
	int status = 0;
	(void)hk_sys_waitpid(pid, &status, 0);
	if (r < 0) {
		return hk_err_step(err, r == -EAGAIN ? -ETIMEDOUT : r, "try a start");
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : say_failure(text, err);
}

static int look_at_run(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	if (!hk_doctor_works(doctor)) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
			"not tried, because of what is missing above");
	}
	const uint64_t begin = hk_sys_monotonic_ns();
	int r = hk_doctor_try(doctor, &(struct hk_enablements){0}, err);
	return r < 0 ? r
		     : hk_doctor_say(doctor, finding, HK_DOCTOR_OK,
			       "started and ended a program, with the backend %s, in %" PRIu64
			       " ms",
			       doctor->backend->name, (hk_sys_monotonic_ns() - begin) / NS_PER_MS);
}

static const struct hk_doctor_check checks[] = {
	{"trial", HK_DOCTOR_PERSON, look_at_run},
};

const struct hk_doctor_group hk_doctor_trial = {
	.name = "run",
	.title = "A run",
	.kind = HK_DOCTOR_NEEDED,
	.who = HK_DOCTOR_PERSON,
	.checks = checks,
	.check_count = sizeof(checks) / sizeof(checks[0]),
};
