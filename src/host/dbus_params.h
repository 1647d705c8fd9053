/* SPDX-License-Identifier: MIT */
/* dbus_params.h: the container of the D-Bus proxy. Looks at the system, changes nothing. */
#ifndef HK_HOST_DBUS_PARAMS_H
#define HK_HOST_DBUS_PARAMS_H

#include "container/params.h"
#include "plan/plan.h"

struct hk_host_dbus_bus {
	const char *name;     /* of its socket in op.path: "session", "system" */
	const char *upstream; /* the path of its socket on the host; NULL: it has none */
};
struct hk_host_dbus_buses HK_VEC(struct hk_host_dbus_bus);

struct hk_host_dbus_plan {
	struct hk_host_dbus_buses buses;
	struct hk_strs args;		   /* of the proxy, with places as its container has them */
	struct hk_container_params params; /* but argv */
};

/* Everything lies in the arena. Errors: -EINVAL an address or an order that makes no sense. */
int hk_host_dbus_plan_make(struct hk_arena *arena, const struct hk_host_op *op,
	struct hk_host_dbus_plan *ret_plan, struct hk_err *err);

#endif
