/* SPDX-License-Identifier: MIT */
/*
 * hsu: makes a person's shim run as one of the person's own identities. Setuid root.
 *
 * Protected: every uid and gid that the hsurc file does not give to the caller.
 *
 * Trusted: root, the kernel, the paths compiled in, and the hsurc file once it is shown to be
 * root's alone. The caller is hostile: arguments, environment, descriptors, limits, signals,
 * timers, working directory and the parent process are the caller's choice.
 *
 * What must hold:
 * - Whatever fails ends in one line on descriptor 2 and status 1; nothing is tried a second way.
 * - The caller gives numbers and a descriptor, never a path, and no file of the caller's is opened.
 * - What is executed has the target's uid and gid four times over, the groups that were asked for
 *   and the target's, no capability, no way back, and one variable in its environment.
 * - No allocation, no stdio, no locale, no name service; one thread.
 *
 * What the kernel sees to: a traced, seccomp-filtered (without privilege) or Landlock-confined
 * caller has no_new_privs or a tracer, and then we are not root and go no further; exec gave us
 * our own memory and descriptor table. Resource limits stay the caller's: one that is too low
 * makes a step below fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/scan.h"
#include "hsu/parse.h"
#include "paths.h"

#define TARGET_MAX 999919999u
_Static_assert(HK_HSU_USERID_MAX * 100000u + 10000u + HK_HSU_IDENTITY_MAX == TARGET_MAX, "");

/* -- saying no ----------------------------------------------------------------------------- */

/* A text of fixed words and numbers. */
struct line {
	char text[200];
	size_t length;
};

/* Adds the words, with the number in the place of each '#'. What does not fit is left out: the
 * words are ours, and all fit. */
static void add(struct line *line, const char *words, uint32_t number) {
	for (; *words && line->length + 10 < sizeof(line->text); words++) {
		uint32_t unit = 1; /* of the next digit; anything else than '#' is one as it is */
		while (*words == '#' && number / unit >= 10) {
			unit *= 10;
		}
		for (; unit > 0; unit /= 10) {
			char digit = (char)('0' + number / unit % 10);
			line->text[line->length++] = *words == '#' ? digit : *words;
		}
	}
}

/* Goes on only if that holds. */
static void require(bool holds, const char *words, uint32_t number) {
	if (!holds) {
		struct line line = {0};
		add(&line, "hsu: ", 0);
		add(&line, words, number);
		add(&line, "\n", 0);
		/* First, because what descriptor 2 leads to is the caller's choice: root may write
		 * where, and as, the caller may not. Whether it works or not, this is the end. */
		(void)!setresuid(getuid(), getuid(), getuid());
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* setresuid has set it anew */
		/* One write, so that lines of two processes do not mix. If it fails nobody
		 * listens. */
		(void)!write(STDERR_FILENO, line.text, line.length);
		_exit(1);
	}
}

static void demand(bool holds, const char *words) {
	require(holds, words, 0);
}

/* A system call that has to work; # in the words is its errno. */
static void must(long result, const char *words) {
	require(result >= 0, words, (uint32_t)errno);
}

/* -- 1: what the caller left us ------------------------------------------------------------ */

/* Only words depend on what is found out here. */
static void explain_not_root(void) {
	struct statvfs fs = {0};
	char namespace[32] = {0};
	demand(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1,
		"not root: the caller has no_new_privs set");
	demand(statvfs("/proc/self/exe", &fs) < 0 || !(fs.f_flag & ST_NOSUID),
		"not root: this program lies on a mount with nosuid");
	/* The first user namespace has a fixed number. */
	demand(readlink("/proc/self/ns/user", namespace, sizeof(namespace) - 1) < 0 ||
			strcmp(namespace, "user:[4026531837]") == 0,
		"not root: started in a user namespace");
}

static void check_start(void) {
	/* Before anything is opened, because it would become descriptor 0, 1 or 2, and what is
	 * written there would go to it. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		demand(fcntl(fd, F_GETFD) >= 0 || open("/dev/null", O_RDWR) == fd,
			"cannot open /dev/null for a closed descriptor");
	}
	/* Before anything is read, because what we hold then is not for the caller, neither by
	 * ptrace nor in a core file. The system's suid_dumpable may say otherwise. */
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "cannot forbid core files: error #");
	must(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}), "cannot forbid core files: error #");
	/* Timers survive exec: one of the caller's would end us, or the shim, where the caller
	 * may send no signal. alarm() is the real timer. */
	for (int timer = ITIMER_REAL; timer <= ITIMER_PROF; timer++) {
		must(setitimer(timer, &(struct itimerval){0}, NULL), "cannot stop timers: error #");
	}
	if (geteuid() != 0) {
		explain_not_root();
	}
	demand(geteuid() == 0, "not root: not installed setuid root, or being traced");
	demand(getegid() == getgid(), "the effective group is not the real one");
	demand(getuid() != 0, "this program must not be started by root");
	demand(HK_PATH_HAKUREI[0] == '/' && HK_PATH_SHIM[0] == '/' && HK_PATH_HSURC[0] == '/',
		"built with a path that is not absolute");
}

/* -- 2: who started us --------------------------------------------------------------------- */

/*
 * The parent has to be hakurei. That is a hardening which a caller can get round (by ptrace of
 * a hakurei, or with a link to it), and nothing below relies on it; what the caller may become
 * is for the hsurc file to say.
 */
static pid_t check_parent(void) {
	static const char deleted[] = HK_PATH_HAKUREI " (deleted)";
	pid_t parent = getppid();
	struct line link = {0};
	add(&link, "/proc/#/exe", (uint32_t)parent);
	/* Room for one more than the longest, so that what is cut is not taken for it; and a NUL.
	 */
	char exe[sizeof(deleted) + 1] = {0};
	ssize_t length = readlink(link.text, exe, sizeof(deleted));
	/* Still the same parent, so the number was not another process's meanwhile. */
	demand(getppid() == parent, "the parent process has ended");
	must(length, "cannot tell what the parent process is: error #");
	demand(strcmp(exe, deleted) != 0,
		"the parent process is a hakurei that was deleted or replaced");
	demand(strcmp(exe, HK_PATH_HAKUREI) == 0, "the parent process is not hakurei");
	return parent;
}

/* -- 3: what the caller may become --------------------------------------------------------- */

static uint32_t find_userid(uint32_t uid) {
	/* Not through a link, and without waiting for the writer of a FIFO. */
	int fd = open(HK_PATH_HSURC, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	demand(fd >= 0 || errno != ENOENT, "there is no hsurc file");
	demand(fd >= 0 || errno != ELOOP, "the hsurc file is a symbolic link");
	must(fd, "cannot open the hsurc file: error #");
	/* After opening, because the name could mean another file by then. */
	struct stat st = {0};
	must(fstat(fd, &st), "cannot look at the hsurc file: error #");
	demand(S_ISREG(st.st_mode), "the hsurc file is not a regular file");
	demand(st.st_uid == 0 && st.st_gid == 0,
		"the hsurc file does not belong to root and group root");
	/* Others must not even read who may use this; and a mode that somebody loosened is a
	 * sign that root does not keep it. */
	demand((st.st_mode & 07777) == 0400, "the mode of the hsurc file is not 0400");
	/* One more, to notice a longer file. Not on the stack, whose size the caller chooses. */
	static char text[HK_HSU_RC_MAX + 1]; /* lint: state, read once */
	/* Once: between two, the caller could stop us until root has written the file anew, and
	 * the end of that would follow the beginning of the old one. Less than all of the file is
	 * not dangerous, because of how it is read below. */
	ssize_t length = read(fd, text, sizeof(text));
	must(length, "cannot read the hsurc file: error #");
	/* The kernel reads page by page, and these could be of two files as well. */
	struct stat now = {0};
	demand(fstat(fd, &now) == 0 && memcmp(&st.st_ctim, &now.st_ctim, sizeof(st.st_ctim)) == 0,
		"the hsurc file was changed while it was read");
	(void)close(fd); /* only read from */
	demand(length <= HK_HSU_RC_MAX, "the hsurc file has more than 160000 bytes");
	struct hk_hsu_rc rc = hk_hsu_rc_find(text, (size_t)length, uid);
	/* It is not for the caller nor for the target, who this process belongs to later. */
	explicit_bzero(text, (size_t)length);
	require(rc.answer != HK_HSU_RC_MALFORMED,
		"line # of the hsurc file is not 'UID USERID' and a newline", rc.number);
	require(rc.answer == HK_HSU_RC_FOUND, "uid # is not in the hsurc file", uid);
	return rc.number;
}

/* -- 4: what the caller asks for ----------------------------------------------------------- */

/* The channel must have been made by our parent, the person's process: so its other end is with
 * whoever asked for us, and the shim does not take orders from anybody else. */
static uint32_t check_channel(const char *text, pid_t parent) {
	demand(text[0] >= '3' && text[0] <= '9' && text[1] == '\0',
		"HAKUREI_SHIM is not one digit from 3 to 9");
	int fd = text[0] - '0';
	int value = 0;
	socklen_t size = sizeof(value);
	demand(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &size) == 0 && value == AF_UNIX &&
			getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) == 0 &&
			value == SOCK_STREAM,
		"HAKUREI_SHIM does not name a local stream socket");
	/* For a pair these are the credentials of its creator, whoever holds the ends now. */
	struct ucred peer = {0};
	size = sizeof(peer);
	demand(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == parent &&
			peer.uid == getuid(),
		"HAKUREI_SHIM names a socket that the parent process did not make");
	return (uint32_t)fd;
}

static uint32_t choose_target(uint32_t userid) {
	const char *text = getenv("HAKUREI_IDENTITY");
	uint32_t identity = 0;
	demand(text != NULL, "HAKUREI_IDENTITY is not set");
	demand(hk_scan_number(text, HK_HSU_IDENTITY_MAX, &identity),
		"HAKUREI_IDENTITY is not a number from 0 to 9999");
	return userid * 100000 + 10000 + identity;
}

static struct hk_hsu_groups choose_groups(uint32_t target) {
	static gid_t own[65536]; /* lint: state, not on the stack either; the kernel's maximum */
	int count = getgroups(sizeof(own) / sizeof(own[0]), own);
	must(count, "cannot get the caller's groups: error #");
	struct hk_hsu_caller caller = {target, getgid(), own, (size_t)count};
	const char *text = getenv("HAKUREI_GROUPS");
	struct hk_hsu_groups groups = hk_hsu_groups_parse(text ? text : "", &caller);
	require(!groups.problem, groups.problem, groups.item);
	return groups;
}

/* -- 5: becoming it ------------------------------------------------------------------------ */

/* What is left of root, or was the caller's, goes with its uid. words: what that was for. */
static void give_up_root(uid_t uid, const char *words) {
	must(setresuid(uid, uid, uid), words);
	/* Again, and at once, because the kernel has just set it to suid_dumpable: who has this uid
	 * already is no better than the caller. */
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "cannot forbid core files: error #");
	/* setresuid has emptied all sets but the inheritable one, unless the caller's securebits
	 * say otherwise. */
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
		"cannot clear ambient capabilities: error #");
	must(syscall(SYS_capset, &header, sets), "cannot drop capabilities: error #");
}

__attribute__((noreturn)) static void print_userid(uint32_t userid) {
	/* First, because the caller has chosen where it goes to, and in /proc there are files to
	 * which a bare number, written with root's capabilities, is a command. */
	give_up_root(getuid(), "cannot give up root: error #");
	struct line line = {0};
	add(&line, "#\n", userid);
	demand(write(STDOUT_FILENO, line.text, line.length) == (ssize_t)line.length,
		"cannot write the userid");
	_exit(0);
}

/* Shows, with the kernel's word, that nothing of the caller or of root is left. */
static void prove(uint32_t target, const struct hk_hsu_groups *groups) {
	uint32_t ids[6] = {0};
	gid_t now[HK_HSU_GROUPS_MAX + 1] = {0};
	must(getresuid(&ids[0], &ids[1], &ids[2]), "cannot look at the ids: error #");
	must(getresgid(&ids[3], &ids[4], &ids[5]), "cannot look at the ids: error #");
	for (size_t i = 0; i < 6; i++) {
		demand(ids[i] == target, "the ids are not the target's");
	}
	/* They differ from each other, and the kernel keeps its own order. */
	bool same = getgroups(HK_HSU_GROUPS_MAX + 1, now) == (int)groups->count;
	for (size_t i = 0; i < groups->count; i++) {
		same = same && hk_hsu_contains(now, groups->count, groups->gids[i]);
	}
	demand(same, "the groups are not those asked for");
	demand(setuid(0) < 0 && setresuid(-1, 0, -1) < 0 && setresuid(0, 0, 0) < 0 &&
			setgid(0) < 0 && setresgid(-1, 0, -1) < 0 && setgroups(0, NULL) < 0,
		"root can be regained");
}

static void become(uint32_t target, struct hk_hsu_groups *groups) {
	/* Whatever may have gone wrong above, nothing outside of our range is ever set. */
	require(target >= 10000 && target <= TARGET_MAX, "uid # is out of range", target);
	groups->gids[groups->count++] = target;
	/* The uid goes last, because without root's the others cannot be changed. */
	must(setresgid(target, target, target), "cannot become the target's group: error #");
	must(setgroups(groups->count, groups->gids), "cannot set the groups: error #");
	/* Before the proof, because a capability would be a way back. */
	give_up_root(target, "cannot become the target: error #");
	prove(target, groups);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "cannot set no_new_privs: error #");
}

static void reset_signals(void) {
	/* The kernel's own calls, because libc keeps two of the signals for itself and would leave
	 * them ignored; all zero is the default action, no flags, and no signal in a mask. */
	static const unsigned long none[16] = {0};
	for (int sig = 1; sig < _NSIG; sig++) {
		bool fixed = sig == SIGKILL || sig == SIGSTOP;
		must(fixed ? 0 : syscall(SYS_rt_sigaction, sig, none, NULL, _NSIG / 8),
			"cannot reset signals: error #");
	}
	must(syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, _NSIG / 8),
		"cannot unblock signals: error #");
}

__attribute__((noreturn)) static void start_shim(uint32_t channel) {
	/* A directory or file that the caller left open would be a way around the container. */
	must(channel == 3 ? 0 : syscall(SYS_close_range, 3u, channel - 1, 0u),
		"cannot close descriptors: error #");
	must(syscall(SYS_close_range, channel + 1, ~0u, 0u), "cannot close descriptors: error #");
	(void)umask(022); /* cannot fail; the working directory alone is kept as it is */
	reset_signals();
	struct line variable = {0};
	add(&variable, "HAKUREI_SHIM=#", channel);
	must(execve(HK_PATH_SHIM, (char *[]){(char[]){"hakurei-shim"}, NULL},
		     (char *[]){variable.text, NULL}),
		"cannot execute the shim: error #");
	_exit(1); /* not reached: it fails or does not return */
}

int main(int argc, char **argv) {
	/* First of all, because without argv[0] the environment lies where arguments should.
	 * Nothing is taken from them. */
	demand(argc >= 1 && argv[0], "started without a name");
	check_start();
	pid_t parent = check_parent();
	uint32_t userid = find_userid(getuid());
	const char *shim = getenv("HAKUREI_SHIM");
	if (!shim) {
		print_userid(userid);
	}
	uint32_t channel = check_channel(shim, parent);
	uint32_t target = choose_target(userid);
	struct hk_hsu_groups groups = choose_groups(target);
	become(target, &groups);
	start_shim(channel);
}
