/* SPDX-License-Identifier: MIT */
/*
 * services.c: the person's servers. What a start would look for is found by planning one, and
 * whether the server lets a container in by starting one.
 */
#include <errno.h>

#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "host/module.h"
#include "outcome/outcome.h"
#include "paths.h"
#include "plan/plan.h"
#include "sys/sys.h"

/* Stands for a target and its share where there is no backend: nobody is asked for them. */
#define SOME_TARGET 10000
#define SOME_SHARE  "hakurei.0"

struct service {
	struct hk_enablements enable;
	enum hk_host_kind kind; /* the operation that names the server */
	bool is_path;		/* by its path, else by its source */
	const char *absent;	/* what can be done where it is not there; NULL: nothing */
	bool absent_by_root;
	const char *refuses; /* where it is there and does not let us in */
};

static const struct service wayland = {
	.enable = {.wayland = true},
	.kind = HK_HOST_WAYLAND,
};
static const struct service x11 = {
	.enable = {.x11 = true},
	.kind = HK_HOST_X11,
	.is_path = true,
	.refuses = "xhost +si:localuser:$(id -un), in a terminal on that display",
};
static const struct service dbus = {
	.enable = {.dbus = true},
	.kind = HK_HOST_DBUS,
	.absent = "apt install xdg-dbus-proxy dbus-user-session",
	.absent_by_root = true,
};
static const struct service pulse = {
	.enable = {.pulse = true},
	.kind = HK_HOST_HARDLINK,
	.absent = "systemctl --user enable --now pipewire-pulse.socket",
};

static int plan_service(struct hk_doctor *doctor, const struct service *service,
	struct hk_plan *ret_plan, struct hk_err *err) {
	struct hk_config config;
	struct hk_outcome_input input = {
		.config = &config, .target = SOME_TARGET, .share_name = SOME_SHARE};
	char *store;
	int r = hk_doctor_config(doctor, &service->enable, &config, err);
	r = r < 0 ? r : hk_outcome_store(doctor->arena, &store, err);
	if (r < 0) {
		return r;
	}
	input.store = store;
	return hk_outcome_finalise(&input, doctor->arena, ret_plan, err);
}

/* What the operation leads to. */
static const char *find_server(const struct hk_plan *plan, const struct service *service) {
	for (size_t i = 0; i < plan->host.count; i++) {
		const struct hk_host_op *op = &plan->host.items[i];
		if (op->kind == service->kind && service->kind == HK_HOST_DBUS) {
			return op->args.count > 0 ? op->args.items[0] : op->source;
		}
		if (op->kind == service->kind) {
			return service->is_path ? op->path : op->source;
		}
	}
	return "?";
}

static int look_at_service(struct hk_doctor *doctor, const struct service *service,
	struct hk_doctor_finding *finding, struct hk_err *err) {
	struct hk_plan plan;
	int r = plan_service(doctor, service, &plan, err);
	if (r < 0) {
		if (service->absent) {
			hk_doctor_repair(
				doctor, finding, !service->absent_by_root, "%s", service->absent);
		}
		return r;
	}
	const char *server = find_server(&plan, service);
	if (!hk_doctor_works(doctor)) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s'; not tried", server);
	}
	r = hk_doctor_try(doctor, &service->enable, err);
	if (r < 0) {
		if (service->refuses) {
			hk_doctor_repair(doctor, finding, true, "%s", service->refuses);
		}
		return r;
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s'; a container was let in", server);
}

static int look_at_module(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	const void *address;
	int r = hk_host_module_load("wayland", "hk_module_wayland_secure", &address, err);
	if (r < 0) {
		hk_doctor_repair(doctor, finding, false, "apt install libwayland-client0");
		return r;
	}
	return hk_doctor_say(
		doctor, finding, HK_DOCTOR_OK, "'%s/wayland.so' can be loaded", HK_PATH_MODULES);
}

static int look_at_wayland(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	return look_at_service(doctor, &wayland, finding, err);
}

static int look_at_x11(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	return look_at_service(doctor, &x11, finding, err);
}

static int look_at_dbus(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	return look_at_service(doctor, &dbus, finding, err);
}

static int look_at_pulse(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	return look_at_service(doctor, &pulse, finding, err);
}

static const struct hk_doctor_check checks[] = {
	{"Wayland's module", HK_DOCTOR_PERSON, look_at_module},
	{"Wayland", HK_DOCTOR_PERSON, look_at_wayland},
	{"X11", HK_DOCTOR_PERSON, look_at_x11},
	{"D-Bus", HK_DOCTOR_PERSON, look_at_dbus},
	{"sound", HK_DOCTOR_PERSON, look_at_pulse},
};

const struct hk_doctor_group hk_doctor_services = {
	.name = "services",
	.title = "Services (for what asks for them)",
	.kind = HK_DOCTOR_SERVICE,
	.who = HK_DOCTOR_PERSON,
	.checks = checks,
	.check_count = sizeof(checks) / sizeof(checks[0]),
};
