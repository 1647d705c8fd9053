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
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/scan.h"
#include "hsu/parse.h"
#include "paths.h"

#define TARGET_MIN 10000u
#define TARGET_MAX 999919999u
#define GROUPS_MAX 65536 /* the kernel's; NGROUPS_MAX is what a libc thinks of it */
_Static_assert(HK_HSU_USERID_MAX * 100000u + 10000u + HK_HSU_IDENTITY_MAX == TARGET_MAX,
	"the formula and its bounds belong together");
_Static_assert(sizeof(uid_t) == 4 && sizeof(gid_t) == 4, "ids are 32 bits");

/* -- saying no ----------------------------------------------------------------------------- */

/* Text of fixed words and numbers. What does not fit is cut; the words are ours, so all fits. */
struct line {
	char text[200];
	size_t length;
};

static void add(struct line *line, const char *words) {
	for (; *words && line->length + 1 < sizeof(line->text); words++) {
		line->text[line->length++] = *words;
	}
	line->text[line->length] = '\0';
}

static void add_number(struct line *line, uint32_t number) {
	char digits[11] = {0};
	char *first = digits + sizeof(digits) - 1;
	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	add(line, first);
}

__attribute__((noreturn)) static void refuse_line(struct line *line) {
	add(line, "\n");
	/* One write, so that lines of two processes do not mix. If it fails nobody listens. */
	(void)!write(STDERR_FILENO, line->text, line->length);
	_exit(1);
}

__attribute__((noreturn)) static void refuse(const char *words) {
	struct line line = {.text = "hsu: ", .length = 5};
	add(&line, words);
	refuse_line(&line);
}

__attribute__((noreturn)) static void refuse_number(
	const char *before, uint32_t number, const char *after) {
	struct line line = {.text = "hsu: ", .length = 5};
	add(&line, before);
	add_number(&line, number);
	add(&line, after);
	refuse_line(&line);
}

/* words end in "error ", for the errno that follows. */
static void must(long result, const char *words) {
	if (result < 0) {
		refuse_number(words, (uint32_t)errno, "");
	}
}

/* -- 1: what the caller left us ------------------------------------------------------------ */

/* Why are we not root? Only words depend on this answer. */
static const char *why_not_root(void) {
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
		return "not root: the caller has no_new_privs set";
	}
	struct statfs fs = {0};
	if (statfs("/proc/self/exe", &fs) == 0 && (fs.f_flags & ST_NOSUID)) {
		return "not root: this program lies on a mount with nosuid";
	}
	static const char identity[] = "         0          0 4294967295\n";
	char map[sizeof(identity)] = {0};
	int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && (read(fd, map, sizeof(map)) != (ssize_t)sizeof(identity) - 1 ||
			       memcmp(map, identity, sizeof(identity) - 1) != 0)) {
		return "not root: started in a user namespace";
	}
	return "not root: not installed setuid root, or being traced";
}

static void check_start(int argc) {
	/* First of all, because without argv[0] the environment lies where arguments should. */
	if (argc < 1) {
		refuse("started without a name");
	}
	/* Before anything is opened, because it would become descriptor 0, 1 or 2, and what is
	 * written there would go to it. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) {
			_exit(1);
		}
	}
	/* Before anything is read, because what we hold then is not for the caller, neither by
	 * ptrace nor in a core file. The system's suid_dumpable may say otherwise. */
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "cannot forbid core files: error ");
	must(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}), "cannot forbid core files: error ");
	/* Timers survive exec: one of the caller's would end us, or the shim, where the caller
	 * may send no signal. alarm() is the real timer. */
	static const int timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		must(setitimer(timers[i], &(struct itimerval){0}, NULL),
			"cannot stop timers: error ");
	}
}

static void check_ids(void) {
	if (geteuid() != 0) {
		refuse(why_not_root());
	}
	if (getegid() != getgid()) {
		refuse("the effective group is not the real one");
	}
	if (getuid() == 0) {
		refuse("this program must not be started by root");
	}
}

/* -- 2, 3: who started us ------------------------------------------------------------------ */

static void check_paths(void) {
	static const char *const paths[] = {HK_PATH_HAKUREI, HK_PATH_SHIM, HK_PATH_HSURC};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i][0] != '/') {
			refuse("built with a path that is not absolute");
		}
	}
}

/*
 * The parent has to be hakurei. That is a hardening which a caller can get round (by ptrace of
 * a hakurei, or with a link to it), and nothing below relies on it; what the caller may become
 * is for the hsurc file to say.
 */
static pid_t check_parent(void) {
	static const char deleted[] = HK_PATH_HAKUREI " (deleted)";
	const size_t plain_length = sizeof(HK_PATH_HAKUREI) - 1;
	pid_t parent = getppid();
	struct line link = {0};
	add(&link, "/proc/");
	add_number(&link, (uint32_t)parent);
	add(&link, "/exe");
	char exe[sizeof(deleted)] = {0};
	ssize_t length = readlink(link.text, exe, sizeof(exe));
	must(length, "cannot tell what the parent process is: error ");
	/* Still the same parent, so the number was not another process's meanwhile. */
	if (getppid() != parent) {
		refuse("the parent process has ended");
	}
	if ((size_t)length == sizeof(deleted) - 1 &&
		memcmp(exe, deleted, sizeof(deleted) - 1) == 0) {
		refuse("the parent process is a hakurei that was deleted or replaced");
	}
	if ((size_t)length != plain_length || memcmp(exe, HK_PATH_HAKUREI, plain_length) != 0) {
		refuse("the parent process is not hakurei");
	}
	return parent;
}

/* -- 4, 5: what the caller may become ------------------------------------------------------ */

static int open_hsurc(void) {
	/* Not through a link, and without waiting for the writer of a FIFO. */
	int fd = open(HK_PATH_HSURC, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT) {
		refuse("there is no hsurc file");
	}
	if (fd < 0 && errno == ELOOP) {
		refuse("the hsurc file is a symbolic link");
	}
	must(fd, "cannot open the hsurc file: error ");
	/* After opening, because the name could mean another file by then. */
	struct stat st = {0};
	must(fstat(fd, &st), "cannot look at the hsurc file: error ");
	if (!S_ISREG(st.st_mode)) {
		refuse("the hsurc file is not a regular file");
	}
	if (st.st_uid != 0 || st.st_gid != 0) {
		refuse("the hsurc file does not belong to root and group root");
	}
	/* Others must not even read who may use this; and a mode that somebody loosened is a
	 * sign that root does not keep it. */
	if ((st.st_mode & 07777) != 0400) {
		refuse("the mode of the hsurc file is not 0400");
	}
	return fd;
}

static uint32_t find_userid(uint32_t uid) {
	int fd = open_hsurc();
	/* One more, to notice a longer file. Not on the stack, whose size the caller chooses. */
	static char text[HK_HSU_RC_MAX + 1]; /* lint: state, read once */
	size_t length = 0;
	while (length < sizeof(text)) {
		ssize_t n = read(fd, text + length, sizeof(text) - length);
		must(n, "cannot read the hsurc file: error ");
		if (n == 0) {
			break;
		}
		length += (size_t)n;
	}
	(void)close(fd); /* only read from */
	if (length > HK_HSU_RC_MAX) {
		refuse_number("the hsurc file has more than ", HK_HSU_RC_MAX, " bytes");
	}
	struct hk_hsu_rc rc = hk_hsu_rc_find(text, length, uid);
	switch (rc.answer) {
	case HK_HSU_RC_FOUND:
		return rc.number;
	case HK_HSU_RC_MALFORMED:
		refuse_number("line ", rc.number, " of the hsurc file is not 'UID USERID'");
	case HK_HSU_RC_ABSENT:
		break;
	}
	refuse_number("uid ", uid, " is not in the hsurc file");
}

/* -- 6, 7: what the caller asks for -------------------------------------------------------- */

__attribute__((noreturn)) static void print_userid(uint32_t userid) {
	struct line line = {0};
	add_number(&line, userid);
	add(&line, "\n");
	if (write(STDOUT_FILENO, line.text, line.length) != (ssize_t)line.length) {
		refuse("cannot write the userid");
	}
	_exit(0);
}

/* The channel must have been made by our parent, the person's process: so its other end is with
 * whoever asked for us, and the shim does not take orders from anybody else. */
static int check_channel(const char *text, pid_t parent) {
	if (text[0] < '3' || text[0] > '9' || text[1] != '\0') {
		refuse("HAKUREI_SHIM is not one digit from 3 to 9");
	}
	int fd = text[0] - '0';
	int domain = 0;
	int type = 0;
	socklen_t domain_size = sizeof(domain);
	socklen_t type_size = sizeof(type);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0 || domain != AF_UNIX ||
		type != SOCK_STREAM) {
		refuse("HAKUREI_SHIM does not name a local stream socket");
	}
	/* For a pair these are the credentials of its creator, whoever holds the ends now. */
	struct ucred peer = {0};
	socklen_t peer_size = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0 || peer.pid != parent ||
		peer.uid != getuid()) {
		refuse("HAKUREI_SHIM names a socket that the parent process did not make");
	}
	return fd;
}

static uint32_t choose_target(uint32_t userid) {
	const char *text = getenv("HAKUREI_IDENTITY");
	if (!text) {
		refuse("HAKUREI_IDENTITY is not set");
	}
	uint32_t identity = 0;
	if (!hk_scan_number(text, HK_HSU_IDENTITY_MAX, &identity)) {
		refuse("HAKUREI_IDENTITY is not a number from 0 to 9999");
	}
	return userid * 100000 + 10000 + identity;
}

static struct hk_hsu_groups choose_groups(uint32_t target) {
	static gid_t own[GROUPS_MAX]; /* lint: state, not on the stack either */
	int count = getgroups(GROUPS_MAX, own);
	must(count, "cannot get the caller's groups: error ");
	const char *text = getenv("HAKUREI_GROUPS");
	struct hk_hsu_groups groups =
		hk_hsu_groups_parse(text ? text : "", &(struct hk_hsu_caller){.target = target,
							      .primary = getgid(),
							      .groups = own,
							      .count = (size_t)count});
	if (groups.problem) {
		refuse_number("item ", groups.item, groups.problem);
	}
	return groups;
}

/* -- 8: becoming it ------------------------------------------------------------------------ */

static void drop_capabilities(void) {
	/* setresuid has emptied the sets that count unless the caller's securebits say otherwise,
	 * and it never empties the inheritable one. */
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
		"cannot clear ambient capabilities: error ");
	must(syscall(SYS_capset, &header, sets), "cannot drop capabilities: error ");
}

/* The groups must be these; they differ from each other, and the kernel keeps its own order. */
static void prove_groups(const gid_t *groups, size_t count) {
	gid_t now[HK_HSU_GROUPS_MAX + 1] = {0};
	if (getgroups(HK_HSU_GROUPS_MAX + 1, now) != (int)count) {
		refuse("the groups are not those asked for");
	}
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < count && now[k] != groups[i]) {
			k++;
		}
		if (k == count) {
			refuse("the groups are not those asked for");
		}
	}
}

/* Shows, with the kernel's word, that nothing of the caller or of root is left. */
static void prove_ids(uint32_t target) {
	const uid_t same = (uid_t)-1;
	uid_t uids[3] = {0};
	gid_t gids[3] = {0};
	must(getresuid(&uids[0], &uids[1], &uids[2]), "cannot look at the ids: error ");
	must(getresgid(&gids[0], &gids[1], &gids[2]), "cannot look at the ids: error ");
	for (size_t i = 0; i < 3; i++) {
		if (uids[i] != target || gids[i] != target) {
			refuse("the ids are not the target's");
		}
	}
	if (setuid(0) == 0 || setresuid(same, 0, same) == 0 || setresuid(0, 0, 0) == 0 ||
		setgid(0) == 0 || setresgid(same, 0, same) == 0 || setgroups(0, NULL) == 0) {
		refuse("root can be regained");
	}
}

static void become(uint32_t target, const struct hk_hsu_groups *asked) {
	/* Whatever may have gone wrong above, nothing outside of our range is ever set. */
	if (target < TARGET_MIN || target > TARGET_MAX) {
		refuse_number("uid ", target, " is out of range");
	}
	gid_t groups[HK_HSU_GROUPS_MAX + 1] = {0};
	memcpy(groups, asked->gids, asked->count * sizeof(groups[0]));
	groups[asked->count] = target;
	/* The uid goes last, because without root's the others cannot be changed. */
	must(setresgid(target, target, target), "cannot become the target's group: error ");
	must(setgroups(asked->count + 1, groups), "cannot set the groups: error ");
	must(setresuid(target, target, target), "cannot become the target: error ");
	/* Again, and at once, because the kernel has just set it to suid_dumpable: other
	 * programs of the target are no better than the caller. */
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "cannot forbid core files: error ");
	/* Before the proof, because a capability would be a way back. */
	drop_capabilities();
	prove_groups(groups, asked->count + 1);
	prove_ids(target);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "cannot set no_new_privs: error ");
}

static void reset_signals(void) {
	/* The kernel's own call, because libc keeps two of the signals for itself and would leave
	 * them ignored; all zero is the default action, no flags, no mask. */
	static const unsigned long default_action[16] = {0};
	for (int sig = 1; sig < _NSIG; sig++) {
		if (sig != SIGKILL && sig != SIGSTOP) {
			must(syscall(SYS_rt_sigaction, sig, default_action, NULL, _NSIG / 8),
				"cannot reset signals: error ");
		}
	}
	sigset_t none;
	sigemptyset(&none);
	must(sigprocmask(SIG_SETMASK, &none, NULL), "cannot unblock signals: error ");
}

__attribute__((noreturn)) static void start_shim(int channel) {
	unsigned int fd = (unsigned int)channel;
	/* A directory or file that the caller left open would be a way around the container. */
	if (fd > 3) {
		must(syscall(SYS_close_range, 3u, fd - 1, 0u), "cannot close descriptors: error ");
	}
	must(syscall(SYS_close_range, fd + 1, UINT_MAX, 0u), "cannot close descriptors: error ");
	(void)umask(022); /* cannot fail; the working directory alone is kept as it is */
	reset_signals();
	char name[] = "hakurei-shim";
	char variable[] = "HAKUREI_SHIM=0";
	variable[sizeof(variable) - 2] = (char)('0' + channel);
	must(execve(HK_PATH_SHIM, (char *[]){name, NULL}, (char *[]){variable, NULL}),
		"cannot execute the shim: error ");
	_exit(1); /* not reached */
}

int main(int argc, char **argv) {
	(void)argv; /* nothing is taken from it */
	check_start(argc);
	check_ids();
	check_paths();
	pid_t parent = check_parent();
	uint32_t userid = find_userid(getuid());
	const char *shim = getenv("HAKUREI_SHIM");
	if (!shim) {
		print_userid(userid);
	}
	int channel = check_channel(shim, parent);
	uint32_t target = choose_target(userid);
	struct hk_hsu_groups groups = choose_groups(target);
	become(target, &groups);
	start_shim(channel);
}
