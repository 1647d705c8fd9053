/* SPDX-License-Identifier: MIT */
#include "fake_sys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "sys/sys.h"

#define THINGS_MAX 64
#define TEXT_MAX   512
#define LINKS_MAX  40

struct text {
	char bytes[TEXT_MAX];
};

struct node {
	struct text path;
	struct text link;
	mode_t mode; /* type and permission bits */
	uid_t uid;
	bool closed;
	struct text content;
	size_t size;
};

struct variable {
	struct text name;
	struct text value;
};

struct user {
	uid_t uid;
	struct text name;
	struct text home;
	struct text shell;
};

struct group {
	struct text name;
	gid_t gid;
};

struct world {
	uid_t uid;
	gid_t gid;
	uid_t overflow_uid;
	gid_t overflow_gid;
	struct text working_directory;
	struct node nodes[THINGS_MAX];
	size_t node_count;
	struct variable env[THINGS_MAX];
	size_t env_count;
	struct user users[THINGS_MAX];
	size_t user_count;
	struct group groups[THINGS_MAX];
	size_t group_count;
};

static struct world world; /* lint: state (the functions of sys.h take no context) */

/* first, then second behind it. */
static struct text join(const char *first, const char *second) {
	size_t length = strlen(first);
	size_t more = strlen(second) + 1;
	struct text made;
	if (length + more > sizeof(made.bytes)) {
		abort();
	}
	memcpy(made.bytes, first, length);
	memcpy(made.bytes + length, second, more);
	return made;
}

static struct text copy(const char *bytes) {
	return join(bytes, "");
}

static struct text below(const char *parent, const char *name) {
	return join(join(parent, "/").bytes, name);
}

/* The index of a new thing. */
static size_t next(size_t *count) {
	if (*count == THINGS_MAX) {
		abort();
	}
	return (*count)++;
}

/* -- making the world ------------------------------------------------------------------------ */

static struct node *find(const char *path) {
	for (size_t i = 0; i < world.node_count; i++) {
		if (strcmp(world.nodes[i].path.bytes, path) == 0) {
			return &world.nodes[i];
		}
	}
	return NULL;
}

static struct node *make(const char *path, mode_t mode, uid_t uid) {
	struct text parent = copy(path);
	char *slash = strrchr(parent.bytes, '/');
	*slash = '\0';
	if (!find(parent.bytes)) {
		(void)make(parent.bytes, S_IFDIR | 0755, 0);
	}
	struct node *node = find(path);
	if (!node) {
		node = &world.nodes[next(&world.node_count)];
	}
	*node = (struct node){.path = copy(path), .mode = mode, .uid = uid};
	return node;
}

void fake_reset(void) {
	world = (struct world){
		.uid = 1000,
		.gid = 1000,
		.overflow_uid = 65534,
		.overflow_gid = 65534,
		.working_directory = copy("/"),
		.nodes = {{.path = copy(""), .mode = S_IFDIR | 0755}},
		.node_count = 1,
	};
}

void fake_ids(uid_t uid, gid_t gid) {
	world.uid = uid;
	world.gid = gid;
}

void fake_overflow_ids(uid_t uid, gid_t gid) {
	world.overflow_uid = uid;
	world.overflow_gid = gid;
}

void fake_env(const char *name, const char *value) {
	for (size_t i = 0; i < world.env_count; i++) {
		if (strcmp(world.env[i].name.bytes, name) == 0) {
			world.env[i] = world.env[--world.env_count];
			break;
		}
	}
	if (value) {
		world.env[next(&world.env_count)] =
			(struct variable){.name = copy(name), .value = copy(value)};
	}
}

void fake_working_directory(const char *path) {
	world.working_directory = copy(path);
}

void fake_user(uid_t uid, const char *name, const char *home, const char *shell) {
	world.users[next(&world.user_count)] = (struct user){
		.uid = uid, .name = copy(name), .home = copy(home), .shell = copy(shell)};
}

void fake_group(const char *name, gid_t gid) {
	world.groups[next(&world.group_count)] = (struct group){.name = copy(name), .gid = gid};
}

void fake_directory(const char *path, mode_t mode, uid_t uid) {
	(void)make(path, S_IFDIR | mode, uid);
}

void fake_file(const char *path, mode_t mode, uid_t uid) {
	(void)make(path, S_IFREG | mode, uid);
}

void fake_link(const char *path, const char *target) {
	make(path, S_IFLNK | 0777, 0)->link = copy(target);
}

void fake_socket(const char *path, mode_t mode, uid_t uid) {
	(void)make(path, S_IFSOCK | mode, uid);
}

void fake_content(const char *path, const void *bytes, size_t size) {
	struct node *node = find(path);
	if (!node || size > sizeof(node->content.bytes)) {
		abort();
	}
	memcpy(node->content.bytes, bytes, size);
	node->size = size;
}

void fake_closed(const char *path) {
	make(path, S_IFDIR | 0700, 0)->closed = true;
}

/* -- looking at it --------------------------------------------------------------------------- */

/* Cuts the first component off what is left. False: there is none. */
static bool cut(struct text *left, struct text *ret_name) {
	const char *start = left->bytes + strspn(left->bytes, "/");
	size_t length = strcspn(start, "/");
	if (length == 0) {
		return false;
	}
	struct text name = copy(start);
	name.bytes[length] = '\0';
	struct text rest = copy(start + length);
	*left = rest;
	*ret_name = name;
	return true;
}

/* Follows the links on the way, and a last one if asked. The node's own path has none. */
static int walk(const char *path, bool follow, const struct node **ret_node) {
	struct text left = path[0] == '/' ? copy(path) : below(world.working_directory.bytes, path);
	if (path[0] == '\0') {
		return -ENOENT;
	}
	const struct node *at = find("");
	struct text name;
	for (unsigned int links = 0; cut(&left, &name);) {
		if (!S_ISDIR(at->mode)) {
			return -ENOTDIR;
		}
		if (at->closed) {
			return -EACCES;
		}
		if (strcmp(name.bytes, ".") == 0) {
			continue;
		}
		if (strcmp(name.bytes, "..") == 0) {
			struct text parent = copy(at->path.bytes);
			char *slash = strrchr(parent.bytes, '/');
			if (slash) {
				*slash = '\0';
			}
			at = find(parent.bytes);
			continue;
		}
		const struct node *node = find(below(at->path.bytes, name.bytes).bytes);
		if (!node) {
			return -ENOENT;
		}
		if (!S_ISLNK(node->mode) ||
			(!follow && left.bytes[strspn(left.bytes, "/")] == '\0')) {
			at = node;
			continue;
		}
		if (++links > LINKS_MAX) {
			return -ELOOP;
		}
		left = below(node->link.bytes, left.bytes);
		at = node->link.bytes[0] == '/' ? find("") : at;
	}
	*ret_node = at;
	return 0;
}

static int stat_node(const char *path, bool follow, struct stat *ret_stat) {
	const struct node *node;
	int r = walk(path, follow, &node);
	if (r == 0) {
		*ret_stat = (struct stat){.st_mode = node->mode, .st_uid = node->uid};
	}
	return r;
}

static int give(struct hk_arena *arena, const char *bytes, char **ret_text) {
	char *given = hk_arena_strdup(arena, bytes);
	if (!given) {
		return -ENOMEM;
	}
	*ret_text = given;
	return 0;
}

const char *hk_sys_getenv(const char *name) {
	for (size_t i = 0; i < world.env_count; i++) {
		if (strcmp(world.env[i].name.bytes, name) == 0) {
			return world.env[i].value.bytes;
		}
	}
	return NULL;
}

uid_t hk_sys_getuid(void) {
	return world.uid;
}

gid_t hk_sys_getgid(void) {
	return world.gid;
}

int hk_sys_overflow_ids(uid_t *ret_uid, gid_t *ret_gid) {
	*ret_uid = world.overflow_uid;
	*ret_gid = world.overflow_gid;
	return 0;
}

int hk_sys_stat(const char *path, struct stat *ret_stat) {
	return stat_node(path, true, ret_stat);
}

int hk_sys_lstat(const char *path, struct stat *ret_stat) {
	return stat_node(path, false, ret_stat);
}

int hk_sys_access(const char *path, int mode) {
	const struct node *node;
	int r = walk(path, true, &node);
	if (r < 0) {
		return r;
	}
	mode_t bits = node->uid == world.uid ? node->mode >> 6 : node->mode;
	return ((unsigned int)mode & ~bits & 7u) == 0 ? 0 : -EACCES;
}

int hk_sys_readlink(struct hk_arena *arena, const char *path, char **ret_text) {
	const struct node *node;
	int r = walk(path, false, &node);
	if (r < 0) {
		return r;
	}
	return S_ISLNK(node->mode) ? give(arena, node->link.bytes, ret_text) : -EINVAL;
}

int hk_sys_realpath(struct hk_arena *arena, const char *path, char **ret_path) {
	const struct node *node;
	int r = walk(path, true, &node);
	if (r < 0) {
		return r;
	}
	return give(arena, node->path.bytes[0] ? node->path.bytes : "/", ret_path);
}

int hk_sys_read_file(
	struct hk_arena *arena, const char *path, size_t max, char **ret_bytes, size_t *ret_size) {
	int r = hk_sys_access(path, R_OK);
	const struct node *node;
	r = r < 0 ? r : walk(path, true, &node);
	if (r < 0) {
		return r;
	}
	if (!S_ISREG(node->mode)) {
		return -EINVAL;
	}
	if (node->size > max) {
		return -EFBIG;
	}
	char *copy = hk_arena_strndup(arena, node->content.bytes, node->size);
	if (!copy) {
		return -ENOMEM;
	}
	*ret_bytes = copy;
	*ret_size = node->size;
	return 0;
}

static int compare(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int hk_sys_list(struct hk_arena *arena, const char *path, struct hk_strs *ret_names) {
	const struct node *node;
	int r = walk(path, true, &node);
	if (r < 0) {
		return r;
	}
	struct hk_strs names = {0};
	size_t length = strlen(node->path.bytes);
	for (size_t i = 1; i < world.node_count; i++) {
		const char *other = world.nodes[i].path.bytes;
		if (strncmp(other, node->path.bytes, length) != 0 || other[length] != '/' ||
			strchr(other + length + 1, '/')) {
			continue;
		}
		r = hk_strs_add(arena, &names, other + length + 1);
		if (r < 0) {
			return r;
		}
	}
	if (names.count) {
		qsort(names.items, names.count, sizeof(*names.items), compare);
	}
	*ret_names = names;
	return 0;
}

int hk_sys_group_gid(const char *name, gid_t *ret_gid) {
	for (size_t i = 0; i < world.group_count; i++) {
		if (strcmp(world.groups[i].name.bytes, name) == 0) {
			*ret_gid = world.groups[i].gid;
			return 0;
		}
	}
	return -ENOENT;
}

int hk_sys_user(struct hk_arena *arena, uid_t uid, struct hk_sys_user *ret_user) {
	for (size_t i = 0; i < world.user_count; i++) {
		const struct user *user = &world.users[i];
		if (user->uid != uid) {
			continue;
		}
		const char *name = hk_arena_strdup(arena, user->name.bytes);
		const char *home = hk_arena_strdup(arena, user->home.bytes);
		const char *shell = hk_arena_strdup(arena, user->shell.bytes);
		if (!name || !home || !shell) {
			return -ENOMEM;
		}
		*ret_user = (struct hk_sys_user){.name = name, .home = home, .shell = shell};
		return 0;
	}
	return -ENOENT;
}
