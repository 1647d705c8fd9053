/* SPDX-License-Identifier: MIT */
/*
 * sys.h: everything that we ask of the kernel and of the C library's databases. No other folder
 * makes a system call (hsu and base's close and write apart), so unit tests put a fake behind
 * these names, and this list is what a port or an audit has to look at.
 *
 * Each function returns a value >= 0, or a negative errno. Interrupted calls are repeated where
 * that is harmless. Every descriptor is born close-on-exec. Paths follow links unless the name
 * or the flags say otherwise.
 */
#ifndef HK_SYS_SYS_H
#define HK_SYS_SYS_H

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/vec.h"

/* -- looking: all that finalise may use (environment.c, names.c) ------------------------- */

/* The value in our environment, or NULL. Borrowed. */
const char *hk_sys_getenv(const char *name);
uid_t hk_sys_getuid(void);
gid_t hk_sys_getgid(void);
/* The ids that stand, in a user namespace, for everybody who has none there (overflow.c). */
int hk_sys_overflow_ids(uid_t *ret_uid, gid_t *ret_gid);
int hk_sys_stat(const char *path, struct stat *ret_stat);
int hk_sys_lstat(const char *path, struct stat *ret_stat);
int hk_sys_access(const char *path, int mode); /* with the effective ids */
int hk_sys_has_file_caps(const char *path);    /* 1: executing it gives capabilities */
/* The text of a symbolic link, or the path without any link in it. In the arena. */
int hk_sys_readlink(struct hk_arena *arena, const char *path, char **ret_text);
int hk_sys_realpath(struct hk_arena *arena, const char *path, char **ret_path);
/* The names in a directory without "." and "..", sorted bytewise. At most HK_SYS_LIST_MAX. */
#define HK_SYS_LIST_MAX 100000
int hk_sys_list(struct hk_arena *arena, const char *path, struct hk_strs *ret_names);
/* -ENOENT if there is no such group or user. Name service: not in the static programs. */
int hk_sys_group_gid(const char *name, gid_t *ret_gid);
struct hk_sys_user {
	const char *name;
	const char *home;
	const char *shell;
};
int hk_sys_user(struct hk_arena *arena, uid_t uid, struct hk_sys_user *ret_user);
/* The same by /etc/passwd alone, without the name service and its libraries. */
int hk_sys_local_user(struct hk_arena *arena, uid_t uid, struct hk_sys_user *ret_user);

/* What is in a regular file, at most max bytes. In the arena. -EINVAL: not a regular file; -EFBIG:
 * more than max. */
int hk_sys_read_file(
	struct hk_arena *arena, const char *path, size_t max, char **ret_bytes, size_t *ret_size);

/* -- files by descriptor (file.c) --------------------------------------------------------- */

int hk_sys_open(const char *path, int flags, mode_t mode);
int hk_sys_openat(int dir, const char *path, int flags, mode_t mode);
/* resolve: RESOLVE_* of linux/openat2.h. Repeated on EAGAIN (a rename raced with us). */
int hk_sys_openat2(int dir, const char *path, uint64_t flags, mode_t mode, uint64_t resolve);
ssize_t hk_sys_read(int fd, void *buffer, size_t size);
ssize_t hk_sys_write(int fd, const void *buffer, size_t size);
/* Everything, over as many calls as it takes. Returns 0. */
int hk_sys_write_all(int fd, const void *buffer, size_t size);
/* Until the end of file, or -EFBIG when there are more than max bytes. NUL-terminated, in the
 * arena. The memory used is bounded by what was read, not by max. */
int hk_sys_read_all(struct hk_arena *arena, int fd, size_t max, char **ret_text, size_t *ret_size);
int hk_sys_close(int fd);
int hk_sys_dup_above(int fd, int least); /* close-on-exec */
int hk_sys_dup_onto(int fd, int number); /* NOT close-on-exec */
int hk_sys_keep_on_exec(int fd, bool keep);
int hk_sys_memfd(const char *name);
int hk_sys_fstat(int fd, struct stat *ret_stat);
int hk_sys_fstatat(int dir, const char *path, struct stat *ret_stat, int flags);
int hk_sys_fstatfs(int fd, struct statfs *ret_stat);
int hk_sys_mount_id(int fd, uint64_t *ret_id);
int hk_sys_readlinkat(struct hk_arena *arena, int dir, const char *path, char **ret_text);
int hk_sys_list_fd(struct hk_arena *arena, int fd, struct hk_strs *ret_names);
int hk_sys_mkdirat(int dir, const char *path, mode_t mode);
int hk_sys_symlinkat(const char *text, int dir, const char *path);
int hk_sys_linkat(int from, const char *old_path, int to, const char *new_path, int flags);
int hk_sys_renameat2(int from, const char *old_path, int to, const char *new_path, unsigned flags);
int hk_sys_unlinkat(int dir, const char *path, int flags);
int hk_sys_fchmod(int fd, mode_t mode);
int hk_sys_ftruncate(int fd, off_t size);
/* Open file description lock on the whole file. wait: block; else -EAGAIN when it is held. */
int hk_sys_lock(int fd, bool exclusive, bool wait);
/* The same, exclusive, on one byte of it; it need not exist. at: up to INT64_MAX. */
int hk_sys_lock_byte(int fd, uint64_t at, bool wait);
/* flock, for directories, which cannot be opened for writing: exclusive, -EAGAIN when held. */
int hk_sys_flock(int fd);
int hk_sys_isatty(int fd);	/* 1, or a negative errno */
int hk_sys_access_mode(int fd); /* O_RDONLY, O_WRONLY or O_RDWR */
/* 0 if we may write to it; -EACCES if its mode forbids, -EROFS if only the mount does. */
int hk_sys_may_write(int fd);
int hk_sys_is_place(int fd);   /* 1: opened with O_PATH */
int hk_sys_umask(mode_t mask); /* returns the old one */
int hk_sys_chdir(const char *path);
int hk_sys_fchdir(int fd);

/* -- access control lists (acl.c; libacl, dynamic programs only) -------------------------- */

int hk_sys_fgetxattr(int fd, const char *name, void *value, size_t size); /* not of O_PATH */
/* The ACL of what fd (O_PATH will do) refers to, as an acl_t; the caller frees it. default_acl
 * of a directory: true. */
int hk_sys_acl_get(int fd, bool default_acl, void **ret_acl);
int hk_sys_acl_set(int fd, bool default_acl, void *acl);
int hk_sys_acl_delete_default(int fd);

/* -- mounts (mount.c) ---------------------------------------------------------------------- */

int hk_sys_open_tree(int dir, const char *path, unsigned flags);
int hk_sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags);
/* set, clear: MOUNT_ATTR_*; propagation: MS_PRIVATE or 0. */
int hk_sys_mount_setattr(
	int fd, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation);
int hk_sys_fsopen(const char *type);
int hk_sys_fsconfig_string(int fd, const char *key, const char *value);
int hk_sys_fsconfig_flag(int fd, const char *key);
int hk_sys_fsconfig_create(int fd);
int hk_sys_fsmount(int fd, unsigned attributes);
int hk_sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
	const char *data);
int hk_sys_umount(const char *path, int flags);
int hk_sys_pivot_root(const char *new_root, const char *put_old);

/* -- processes and credentials (process.c) -------------------------------------------------- */

/* The first thing that a program of ours does, before it opens anything: descriptors 0-2 are
 * open, nobody may trace us or read our memory, no core can show it, SIGCHLD works. */
int hk_sys_harden(void);
/* clone3 as fork: 0 in the child. ret_pidfd may be NULL. flags: CLONE_NEW*. */
pid_t hk_sys_fork(uint64_t flags, int *ret_pidfd);
/* A mount namespace of our own, a copy. The working directory stays, and is in the copy then. */
int hk_sys_unshare_mounts(void);
/* Zeroed memory, of which only what is touched is taken. */
int hk_sys_map(size_t size, void **ret_memory);
void hk_sys_unmap(void *memory, size_t size); /* what that gave */
/* Runs child(data) in a new process that borrows our memory, and waits until it has executed
 * another program or ended: what it wrote to data is there afterwards. child must not return
 * but to fail; its value becomes the exit status. Returns the pid. All signals should be
 * blocked. */
pid_t hk_sys_spawn(int (*child)(void *data), void *data);
int hk_sys_execve(const char *path, const char *const argv[], const char *const env[]);
int hk_sys_execveat(int fd, const char *const argv[], const char *const env[]);
pid_t hk_sys_getpid(void);
pid_t hk_sys_getppid(void);
int hk_sys_kill(pid_t pid, int sig);
/* options: WNOHANG...; -ECHILD when there is none. Returns the pid, 0 with WNOHANG. */
pid_t hk_sys_waitpid(pid_t pid, int *ret_status, int options);
int hk_sys_pidfd_open(pid_t pid);
int hk_sys_pidfd_signal(int pidfd, int sig);
int hk_sys_setsid(void);
int hk_sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int hk_sys_setrlimit(int resource, const struct rlimit *limit);
int hk_sys_sethostname(const char *name);
int hk_sys_hostname(char *buffer, size_t size); /* -ENAMETOOLONG */
int hk_sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
int hk_sys_getgroups(struct hk_arena *arena, gid_t **ret_gids, size_t *ret_count);
int hk_sys_setgroups(size_t count, const gid_t *gids);
int hk_sys_setresuid(uid_t real, uid_t effective, uid_t saved);
int hk_sys_setresgid(gid_t real, gid_t effective, gid_t saved);
int hk_sys_capset_none(void); /* effective, permitted and inheritable sets become empty */
/* Joins the session keyring of that name, or makes it; NULL: a new one without a name. */
int hk_sys_keyring_join(const char *name);
/* The owner of the session keyring. */
int hk_sys_keyring_owner(uid_t *ret_owner);
int hk_sys_seccomp_filter(const void *code, unsigned short count); /* struct sock_filter[] */
int hk_sys_landlock_abi(void);		    /* 0 and more, or -ENOSYS, -EOPNOTSUPP */
int hk_sys_landlock_scope(uint64_t scopes); /* restricts this process for good */
int hk_sys_loopback_up(void);

/* Before a long wait: gives back to the kernel what is free, and what it can read again (memory.c).
 */
void hk_sys_give_back_memory(void);

/* -- signals, time, sockets (event.c) -------------------------------------------------------- */

/* how: SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK. */
int hk_sys_sigmask(int how, const sigset_t *set, sigset_t *ret_old);
int hk_sys_signal_default(int sig);
int hk_sys_signal_ignore(int sig);
int hk_sys_signal_is_ignored(int sig);	  /* 1 or 0 */
int hk_sys_signalfd(const sigset_t *set); /* non-blocking */
/* timeout in milliseconds, -1: none. -EINTR is returned. */
int hk_sys_poll(struct pollfd *fds, size_t count, int timeout_ms);
uint64_t hk_sys_monotonic_ns(void);
uint64_t hk_sys_realtime_ns(void);
int hk_sys_random(void *buffer, size_t size);
/* type: SOCK_STREAM or SOCK_SEQPACKET; both ends close-on-exec. */
int hk_sys_socketpair(int type, int ret_pair[2]);
/* A read that has to wait longer fails with -EAGAIN. */
int hk_sys_receive_timeout(int socket, int timeout_ms);
int hk_sys_peer(int socket, struct ucred *ret_peer); /* SO_PEERCRED */
/* A stream socket that does not block. Paths: 107 bytes at most, -ENAMETOOLONG; a longer one is
 * reached through /proc/self/fd. -EAGAIN: there is a listener, with no room for one more. */
int hk_sys_socket(void);
int hk_sys_bind(int socket, const char *path);
int hk_sys_listen(int socket, int backlog);
int hk_sys_connect(int socket, const char *path);
/* No SIGPIPE: a peer that is gone is -EPIPE. */
ssize_t hk_sys_send(int socket, const void *buffer, size_t size, int flags);
ssize_t hk_sys_recv(int socket, void *buffer, size_t size, int flags);
/* What is received on the socket from now on says who sent it. */
int hk_sys_pass_credentials(int socket);
/* Who is the sender, by the kernel's word: .pid is 0 where it does not say. Drops descriptors. */
ssize_t hk_sys_recv_from(
	int socket, void *buffer, size_t size, int flags, struct ucred *ret_sender);
/* The same with one descriptor along; fd -1: none came. Without this call the kernel drops what a
 * hostile peer sends along. */
ssize_t hk_sys_send_fd(int socket, const void *buffer, size_t size, int flags, int fd);
ssize_t hk_sys_recv_fd(int socket, void *buffer, size_t size, int flags, int *ret_fd);

#endif
