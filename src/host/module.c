/* SPDX-License-Identifier: MIT */
#include "host/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "paths.h"
#include "sys/sys.h"

/* src/cli/hakurei -> src/module */
#define BESIDE "../module"

/* Always a path with a slash in it: of a bare name the loader would search its own places. */
static int find_file(
	struct hk_arena *arena, const char *name, const char **ret_path, struct hk_err *err) {
	const char *installed = hk_arena_printf(arena, "%s/%s.so", HK_PATH_MODULES, name);
	if (!installed) {
		return hk_err_oom(err);
	}
	*ret_path = installed;
	struct stat stat;
	if (hk_sys_stat(installed, &stat) != -ENOENT) {
		return 0;
	}
	char *self;
	if (hk_sys_readlink(arena, "/proc/self/exe", &self) < 0) {
		return 0; /* then the installed one is what cannot be loaded */
	}
	const char *dir = hk_path_parent(arena, self);
	const char *built = dir ? hk_arena_printf(arena, "%s/" BESIDE "/%s.so", dir, name) : NULL;
	if (!built) {
		return hk_err_oom(err);
	}
	if (hk_sys_stat(built, &stat) == 0) {
		*ret_path = built;
	}
	return 0;
}

/* What the loader says begins with a path already, most of the time. */
static int say_why(const char *path, struct hk_err *err) {
	const char *why = dlerror();
	return hk_err_say(err, -ELIBACC, "cannot load '%s': %s", HK_ESC(path),
		HK_ESC(why ? why : "the loader does not say why"));
}

int hk_host_module_load(
	const char *name, const char *symbol, const void **ret_address, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	const char *path = NULL;
	int r = find_file(&arena, name, &path, err);
	if (r < 0) {
		return r;
	}
	/* Now, not at the first call: what is missing is missing before anything is applied. */
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module) {
		return say_why(path, err);
	}
	const void *address = dlsym(module, symbol);
	if (!address) {
		(void)say_why(path, err);
		(void)dlclose(module);
		return err->code;
	}
	*ret_address = address;
	return 0;
}
