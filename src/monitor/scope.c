/* SPDX-License-Identifier: MIT */
#include "monitor/scope.h"

#include "sys/sys.h"

struct ranges HK_VEC(struct hk_uid_range);

static int add_backend(struct hk_arena *arena, const struct hk_backend *backend, const void *facts,
	uid_t target, struct ranges *ranges, struct hk_strs *roots, struct hk_err *err) {
	struct hk_uid_range range;
	const char *name;
	int r = backend->find_range(facts, target, &range, err);
	r = r < 0 ? r : backend->name_share(arena, target, &name, err);
	r = r < 0 ? r : hk_outcome_find_roots(arena, name, roots, err);
	if (r < 0) {
		return r;
	}
	struct hk_uid_range *slot = hk_vec_add(arena, ranges);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = range;
	return 0;
}

/* What the other backends reach, once somebody asks. */
struct others {
	struct hk_arena *arena;
	const struct hk_backend *known;
	bool asked;
	struct hk_host_scope scope;
};

static const struct hk_host_scope *ask_others(void *data) {
	struct others *others = data;
	if (others->asked) {
		return &others->scope;
	}
	others->asked = true;
	struct ranges ranges = {0};
	const struct hk_backend *backend;
	for (size_t i = 0; (backend = hk_backend_at(i)); i++) {
		/* One that cannot be used has no targets: its entries, if there are any, are
		 * reported by recovery and wait until it can be. */
		struct hk_err why;
		const void *facts;
		uid_t target;
		if (backend != others->known && backend->check(others->arena, &why) >= 0 &&
			backend->find_target(others->arena, 0, &target, &why) >= 0 &&
			backend->look_up(others->arena, &facts, &why) >= 0) {
			(void)add_backend(others->arena, backend, facts, target, &ranges,
				&others->scope.roots, &why);
		}
	}
	others->scope.targets = ranges.items;
	others->scope.target_count = ranges.count;
	return &others->scope;
}

int hk_scope_find(struct hk_arena *arena, const struct hk_backend *known, const void *facts,
	uid_t target, struct hk_host_scope *ret_scope, struct hk_err *err) {
	struct others *others = hk_arena_alloc(arena, sizeof(*others));
	if (!others) {
		return hk_err_oom(err);
	}
	*others = (struct others){
		.arena = arena, .known = known, .scope = {.person = hk_sys_getuid()}};
	struct hk_host_scope scope = {
		.person = others->scope.person, .widen = ask_others, .data = others};
	struct ranges ranges = {0};
	if (known) {
		int r = add_backend(arena, known, facts, target, &ranges, &scope.roots, err);
		if (r < 0) {
			return r;
		}
	}
	scope.targets = ranges.items;
	scope.target_count = ranges.count;
	*ret_scope = scope;
	return 0;
}
