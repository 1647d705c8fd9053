/* SPDX-License-Identifier: MIT */
/*
 * plan.h: what a configuration comes to on this system, as plain data: host operations, each
 * of which can be reverted, and a container. Nothing has happened yet when a plan exists.
 */
#ifndef HK_PLAN_PLAN_H
#define HK_PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/vec.h"
#include "container/params.h"

/* Kinds of host operations. One row each in host/ops.c, one file each in host/. The names in
 * plan/ops.c are part of the state entry's format. */
enum hk_host_kind {
	HK_HOST_DIRECTORY,
	HK_HOST_ACL,
	HK_HOST_HARDLINK,
	HK_HOST_WAYLAND,
	HK_HOST_X11,
	HK_HOST_DBUS,
	HK_HOST_KINDS
};

enum hk_acl_bit { HK_ACL_X = 1, HK_ACL_W = 2, HK_ACL_R = 4 };

/*
 * One host operation. (kind, path, target) is its identity: it stays as long as a live entry
 * lists the same one; the rest says how it is done.
 */
struct hk_host_op {
	enum hk_host_kind kind;
	const char *path; /* absolute, clean */
	uid_t target;	  /* acl, wayland, x11: whom it is for; else 0 */
	uint32_t perm;	  /* acl: HK_ACL_* bits */
	/* directory: permission bits when it is made. An existing one must be the person's,
	 * with no more than these bits for others, and is never changed. */
	uint32_t mode;
	bool stays; /* directory: not removed when no live entry lists it any more */
	/* What else a kind needs; NULL and empty where it does not. */
	const char *source;  /* absolute, clean: what is linked, listened for or authorised by */
	const char *text;    /* a name: display, application id */
	struct hk_strs args; /* a list: a proxy's arguments */
};
struct hk_host_ops HK_VEC(struct hk_host_op);

struct hk_plan {
	struct hk_id id;
	uint32_t identity;
	uid_t target; /* the kernel uid that the program will have */
	/* Directories on the host, made by the host half. */
	const char *share;	  /* holds what instances of one identity share */
	const char *run_dir;	  /* holds the instance directories */
	const char *instance_dir; /* what the shim gets a descriptor of, and works in */
	struct hk_host_ops host;
	struct hk_container_params container;
	struct hk_strs warnings; /* what the configuration gives away; to be shown, escaped */
	struct hk_strs hints;	 /* what may surprise; to be shown to who wants to know more */
};

/* The name of a kind in plans, state entries and messages, and back. */
const char *hk_host_kind_name(enum hk_host_kind kind);
bool hk_host_kind_parse(const char *name, enum hk_host_kind *ret_kind);

/* The plan for people: one operation a line, container half after the host half. The same plan
 * is the same text every time. Escaped for a terminal. */
void hk_plan_print(const struct hk_plan *plan, struct hk_str *out);

/* The plan as JSON: everything that the text says, for programs. */
int hk_plan_print_json(const struct hk_plan *plan, struct hk_str *out, struct hk_err *err);

#endif
