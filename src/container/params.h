/* SPDX-License-Identifier: MIT */
/*
 * params.h: a container as plain data. Whoever fills this in decides everything: the library
 * adds no mount, no variable and no permission of its own.
 *
 * Nothing here is owned: every pointer is borrowed until the container has started.
 */
#ifndef HK_CONTAINER_PARAMS_H
#define HK_CONTAINER_PARAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/vec.h"

/* What one step of building the root does. One row each in container/mount/ops.c. */
enum hk_mount_kind {
	HK_MOUNT_BIND,	  /* recursive clone of source on target */
	HK_MOUNT_ROOT,	  /* autoroot: the entries of source, each bound on target's own */
	HK_MOUNT_ETC,	  /* autoetc: source on target/.host/NAME, symlinks to its entries */
	HK_MOUNT_TMPFS,	  /* a new tmpfs */
	HK_MOUNT_PROC,	  /* a new proc */
	HK_MOUNT_DEV,	  /* a private /dev with devpts and mqueue */
	HK_MOUNT_OVERLAY, /* overlay of lower, and of upper and work unless read-only */
	HK_MOUNT_MKDIR,	  /* a directory */
	HK_MOUNT_LINK,	  /* a symbolic link holding text */
	HK_MOUNT_FILE,	  /* a file with content text */
	HK_MOUNT_REMOUNT, /* read-only from now on: the one mount at target */
	HK_MOUNT_KINDS
};

/* Which kinds a flag means something for is said behind it. */
enum hk_mount_flag {
	HK_MOUNT_WRITE = 1 << 0,    /* bind, root, tmpfs: may be written to. dev: stays writable */
	HK_MOUNT_DEVICES = 1 << 1,  /* bind, root: device nodes work */
	HK_MOUNT_OPTIONAL = 1 << 2, /* bind: nothing happens if source does not exist */
	HK_MOUNT_ENSURE = 1 << 3,   /* bind: source is made first, its parents 0700, itself mode */
	HK_MOUNT_HIDE = 1 << 4,	    /* tmpfs: skipped where target is not there or not reachable */
	HK_MOUNT_MISSING = 1 << 5,  /* tmpfs: only if there is no target yet */
	HK_MOUNT_CONSOLE = 1 << 6,  /* dev: /dev/console is the terminal on descriptor 1 */
};

/* Entries of its source that an autoroot leaves out: what a container has of its own. */
#define HK_MOUNT_ROOT_LEFT_OUT                                                                     \
	{ "dev", "etc", "mnt", "proc", "tmp" }

/* Limits that the wire form enforces on reading. */
#define HK_MOUNT_OPS_MAX   65536
#define HK_MOUNT_LOWER_MAX 500 /* the kernel's own limit for overlay layers */

/* Bytes that are nobody's business: never printed. Any value is allowed in them. */
struct hk_secret {
	const char *bytes; /* NULL: there is none */
	uint32_t size;
};

struct hk_mount_op {
	enum hk_mount_kind kind;
	uint32_t flags;	    /* HK_MOUNT_* flags */
	const char *target; /* absolute and clean, as seen in the container */
	/* bind, root, etc: path on the host, clean; a relative one is below the working
	 * directory of whoever starts the container. */
	const char *source;
	const char *text;  /* link: what it holds; file: the content; etc: NAME */
	uint32_t mode;	   /* tmpfs, mkdir, file: permission bits; bind with ENSURE: source's */
	uint64_t size;	   /* tmpfs: bytes, 0 is the kernel's default */
	const char *upper; /* overlay: host paths, or NULL; the same as source in kind */
	const char *work;
	struct hk_strs lower;	 /* overlay: host paths, uppermost first */
	struct hk_secret secret; /* file: the content, instead of text */
};

struct hk_mount_ops HK_VEC(struct hk_mount_op);

/* Which system calls the program may use; see seccomp/. Any combination is a preset. */
enum hk_filter_flag {
	HK_FILTER_COMPAT = 1 << 0,    /* only Flatpak's rules, none of ours */
	HK_FILTER_USERNS = 1 << 1,    /* user namespaces and mounts are allowed */
	HK_FILTER_TTY = 1 << 2,	      /* terminal injection is the second filter's business alone */
	HK_FILTER_DEVEL = 1 << 3,     /* ptrace, perf, personality are allowed */
	HK_FILTER_MULTIARCH = 1 << 4, /* the 32-bit calls are allowed, and filtered too */
	HK_FILTER_CAN = 1 << 5,	      /* CAN sockets are allowed */
	HK_FILTER_BLUETOOTH = 1 << 6, /* Bluetooth sockets are allowed */
	HK_FILTER_PRESETS = 1 << 7
};

/* What has to be known when the namespaces are made; the params say the same again. */
struct hk_container_spaces {
	uid_t uid;
	gid_t gid;
	bool host_net;
	bool mounts_late; /* the mount namespace is made at the start: something will be bound from
			   * below what is the working directory then */
};

/* And which of the caller's descriptors the container gets. */
struct hk_container_descriptors {
	const int *stdio; /* three above 2 that become the program's 0-2; NULL: the caller's own */
	const int *fds;	  /* handed over besides 0-2, same numbers */
	size_t fd_count;
	/* A socket whose hang-up ends the container, also while it starts: whoever the caller works
	 * for is gone. Never read. 0: none. */
	int hangup_fd;
};

struct hk_container_params {
	/* identity and namespaces */
	uid_t uid; /* as seen inside; outside it is the caller's effective one */
	gid_t gid;
	const char *hostname; /* NULL or "": unchanged */
	bool userns;	      /* user namespaces may be made inside */
	bool host_net;	      /* share the network namespace */
	bool host_abstract;   /* abstract unix sockets outside may be connected to */
	bool keep_session;    /* stay in the caller's session, with its terminal */
	uint32_t filter;      /* HK_FILTER_* flags */

	/* the root, in order; only the first may have the target "/" */
	struct hk_mount_ops mounts;

	/* the program */
	const char *path;      /* absolute, in the container */
	struct hk_strs argv;   /* at least one */
	struct hk_strs env;    /* NAME=VALUE */
	const char *directory; /* working directory, absolute, in the container */
	mode_t umask;

	/* its end */
	bool forward_cancel; /* a cancel is SIGINT to the program first; else an end at once */
	int64_t wait_delay;  /* ns from a cancel to the end of the namespace */
	int64_t adopt_delay; /* ns that other processes get once the program has ended */

	struct hk_log *log; /* verbose lines and the adopt delay's message; may be NULL */
};

#endif
