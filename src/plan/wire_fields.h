/* SPDX-License-Identifier: MIT */
/*
 * wire_fields.h: every field of a container half that leaves the process, once. Whoever needs
 * them all (the writer and the reader of the wire form, the JSON) passes a macro that is
 * expanded for each row, so that a new field is a new row and nothing can be forgotten.
 *
 * The kinds of fields:
 *	flag		bool
 *	u32, u64, i64	integers
 *	mount_kind	enum hk_mount_kind
 *	mount_flags	HK_MOUNT_* flags
 *	filter_flags	HK_FILTER_* flags
 *	path		an absolute clean path, never NULL
 *	text		a string, or NULL
 *	list		struct hk_strs
 *	secret		struct hk_secret
 *	mount_list	struct hk_mount_ops
 */
#ifndef HK_PLAN_WIRE_FIELDS_H
#define HK_PLAN_WIRE_FIELDS_H

#define HK_WIRE_MOUNT_FIELDS(FIELD)                                                                \
	FIELD(mount_kind, kind)                                                                    \
	FIELD(mount_flags, flags)                                                                  \
	FIELD(path, target)                                                                        \
	FIELD(text, source)                                                                        \
	FIELD(text, text)                                                                          \
	FIELD(u32, mode)                                                                           \
	FIELD(u64, size)                                                                           \
	FIELD(text, upper)                                                                         \
	FIELD(text, work)                                                                          \
	FIELD(list, lower)                                                                         \
	FIELD(secret, secret)

#define HK_WIRE_SPACES_FIELDS(FIELD)                                                               \
	FIELD(u32, uid)                                                                            \
	FIELD(u32, gid)                                                                            \
	FIELD(flag, host_net)                                                                      \
	FIELD(flag, mounts_late)

/* log is missing on purpose: it means something in one process only. */
#define HK_WIRE_PARAMS_FIELDS(FIELD)                                                               \
	FIELD(u32, uid)                                                                            \
	FIELD(u32, gid)                                                                            \
	FIELD(text, hostname)                                                                      \
	FIELD(flag, userns)                                                                        \
	FIELD(flag, host_net)                                                                      \
	FIELD(flag, host_abstract)                                                                 \
	FIELD(flag, keep_session)                                                                  \
	FIELD(filter_flags, filter)                                                                \
	FIELD(mount_list, mounts)                                                                  \
	FIELD(path, path)                                                                          \
	FIELD(list, argv)                                                                          \
	FIELD(list, env)                                                                           \
	FIELD(path, directory)                                                                     \
	FIELD(u32, umask)                                                                          \
	FIELD(flag, forward_cancel)                                                                \
	FIELD(i64, wait_delay)                                                                     \
	FIELD(i64, adopt_delay)

#endif
