/* SPDX-License-Identifier: MIT */
/*
 * validate.c: values, one by one as the table says, and then what they must be together. Also
 * holds for configurations that no file was read for.
 */
#include "config/validate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "config/check.h"
#include "config/fields.h"
#include "config/place.h"

/* Checks the member at value. */
typedef int validate_fn(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err);

static int validate_members(
	const struct hk_place *place, unsigned int sections, const void *base, struct hk_err *err);

static int validate_nothing(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	(void)place;
	(void)field;
	(void)value;
	(void)err;
	return 0; /* any value of this type will do */
}

static int validate_integer(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	int64_t number = *(const int64_t *)value;
	if (field->check) {
		return 0; /* which has its own words for it */
	}
	if (number < field->min || number > field->max) {
		return hk_config_place_say(place, err, -EINVAL,
			"%" PRId64 " out of range, expected %" PRId64 " to %" PRId64, number,
			field->min, field->max);
	}
	return 0;
}

static int validate_text(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const char *text = *(const char *const *)value;
	if (text && field->max && strlen(text) > (size_t)field->max) {
		return hk_config_place_say(
			place, err, -EINVAL, "longer than %" PRId64 " bytes", field->max);
	}
	return 0;
}

static int validate_path(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const char *path = *(const char *const *)value;
	const char *problem = path ? hk_config_path_problem(path) : NULL;
	if (!problem) {
		return 0;
	}
	if (field->complaint) {
		return hk_err_say(err, -EINVAL, "%s: %s", field->complaint, problem);
	}
	return hk_config_place_say(place, err, -EINVAL, "%s", problem);
}

static int validate_count(const struct hk_place *place, const struct hk_field *field, size_t count,
	struct hk_err *err) {
	size_t limit = field->max ? (size_t)field->max : HK_CONFIG_LIST_MAX;
	if (count > limit) {
		return hk_config_place_say(place, err, -EINVAL, "more than %zu entries", limit);
	}
	return 0;
}

static int validate_texts(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const struct hk_strs *strs = value;
	return validate_count(place, field, strs->count, err);
}

static int validate_paths(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const struct hk_strs *paths = value;
	for (size_t i = 0; i < paths->count; i++) {
		const struct hk_place at = {.up = place, .index = i};
		const char *problem = hk_config_path_problem(paths->items[i]);
		if (problem) {
			return hk_config_place_say(&at, err, -EINVAL, "%s", problem);
		}
	}
	return validate_count(place, field, paths->count, err);
}

static int validate_pairs(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const struct hk_pairs *pairs = value;
	return validate_count(place, field, pairs->count, err);
}

static int validate_kind(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	(void)field;
	enum hk_fs_type type = *(const enum hk_fs_type *)value;
	if (type >= HK_FS_TYPES) {
		return hk_config_place_say(place, err, -EINVAL, "%d is no type", (int)type);
	}
	return 0;
}

static int validate_object(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	return validate_members(place, HK_SECTION_BIT(field->of), value, err);
}

static int validate_box(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const void *base = *(const void *const *)value;
	return base ? validate_object(place, field, base, err) : 0;
}

/* -- entries of lists ------------------------------------------------------------------------ */

static int validate_perm(
	const struct hk_place *place, const struct hk_extra_perm *perm, struct hk_err *err) {
	if (!perm->path) {
		return hk_config_place_say(place, err, -EINVAL, "path is missing");
	}
	return validate_members(place, HK_SECTION_BIT(HK_SECTION_PERM), perm, err);
}

static int validate_perms(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const struct hk_extra_perms *perms = value;
	for (size_t i = 0; i < perms->count; i++) {
		const struct hk_place at = {.up = place, .index = i};
		int r = validate_perm(&at, &perms->items[i], err);
		if (r < 0) {
			return r;
		}
	}
	return validate_count(place, field, perms->count, err);
}

static const char *bind_problem(const struct hk_fs *fs) {
	bool root = strcmp(fs->dst, "/") == 0;
	if (!fs->src) {
		return "src is missing";
	}
	if (fs->ensure && fs->optional) {
		return "ensure and optional exclude each other";
	}
	if (fs->special && !root && strcmp(fs->dst, "/etc") != 0) {
		return "special needs / or /etc as dst";
	}
	if (!fs->special && root && (fs->write || fs->dev)) {
		return "a bind on / that is not special can be neither write nor dev";
	}
	return NULL;
}

static const char *overlay_problem(const struct hk_fs *fs) {
	if (!fs->upper != !fs->work) {
		return "upper and work need each other";
	}
	if (fs->upper && fs->lower.count < 1) {
		return "a writable overlay needs a lower directory";
	}
	if (!fs->upper && fs->lower.count < 2) {
		return "a read-only overlay needs two lower directories";
	}
	return NULL;
}

static const char *link_problem(const struct hk_fs *fs) {
	if (strcmp(fs->dst, "/") == 0) {
		return "a link cannot be /";
	}
	if (!fs->linkname || fs->linkname[0] == '\0') {
		return "linkname is missing";
	}
	if (fs->dereference && fs->linkname[0] != '/') {
		return "dereference needs an absolute linkname";
	}
	return NULL;
}

static const char *mount_problem(const struct hk_fs *fs) {
	if (!fs->dst) {
		/* A bind's has fallen back to src already. */
		return fs->type == HK_FS_BIND ? "src is missing" : "dst is missing";
	}
	switch (fs->type) {
	case HK_FS_BIND:
		return bind_problem(fs);
	case HK_FS_OVERLAY:
		return overlay_problem(fs);
	case HK_FS_LINK:
		return link_problem(fs);
	case HK_FS_EPHEMERAL:
	case HK_FS_TYPES:
		break;
	}
	return NULL;
}

static int bad_mount(size_t index, const char *problem, struct hk_err *err) {
	return hk_err_say(err, -EINVAL, "invalid filesystem at index %zu: %s", index, problem);
}

static int validate_mount(
	const struct hk_place *place, const struct hk_fs *fs, struct hk_err *err) {
	/* A type that is none has no section: the first one's row of the type refuses it. */
	unsigned int type = fs->type < HK_FS_TYPES ? fs->type : 0;
	int r = validate_members(place, HK_SECTION_BIT(HK_SECTION_BIND + type), fs, err);
	if (r < 0) {
		return r;
	}
	const char *problem = mount_problem(fs);
	return problem ? bad_mount(place->index, problem, err) : 0;
}

static int validate_mounts(const struct hk_place *place, const struct hk_field *field,
	const void *value, struct hk_err *err) {
	const struct hk_fss *mounts = value;
	bool etc = false;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct hk_fs *fs = &mounts->items[i];
		const struct hk_place at = {.up = place, .index = i};
		int r = validate_mount(&at, fs, err);
		if (r < 0) {
			return r;
		}
		/* What is mounted on the root later would cover everything before it. This also
		 * makes a second autoroot impossible. */
		if (i > 0 && strcmp(fs->dst, "/") == 0) {
			return bad_mount(i, "only the first mount can be on /", err);
		}
		bool special_etc = fs->special && strcmp(fs->dst, "/etc") == 0;
		if (etc && special_etc) {
			return bad_mount(i, "a second special mount on /etc", err);
		}
		etc = etc || special_etc;
	}
	return validate_count(place, field, mounts->count, err);
}

/* -- everything ------------------------------------------------------------------------------ */

static validate_fn *const types[HK_FIELD_TYPES] = {
	[HK_FIELD_BOOL] = validate_nothing,
	[HK_FIELD_TRISTATE] = validate_nothing,
	[HK_FIELD_INTEGER] = validate_integer,
	[HK_FIELD_TEXT] = validate_text,
	[HK_FIELD_PATH] = validate_path,
	[HK_FIELD_TEXTS] = validate_texts,
	[HK_FIELD_PATHS] = validate_paths,
	[HK_FIELD_PAIRS] = validate_pairs,
	[HK_FIELD_KIND] = validate_kind,
	[HK_FIELD_OBJECT] = validate_object,
	[HK_FIELD_BOX] = validate_box,
	[HK_FIELD_PERMS] = validate_perms,
	[HK_FIELD_MOUNTS] = validate_mounts,
};

static int validate_members(
	const struct hk_place *place, unsigned int sections, const void *base, struct hk_err *err) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!(sections & HK_SECTION_BIT(field->section))) {
			continue;
		}
		const struct hk_place at = {.up = place, .key = field->key};
		const void *value = hk_config_field_look(field, base);
		int r = types[field->type](&at, field, value, err);
		if (r >= 0 && field->check) {
			r = field->check(field, value, err);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int hk_config_mount_validate(const struct hk_fs *fs, size_t index, struct hk_err *err) {
	const struct hk_place container = {.key = "container"};
	const struct hk_place filesystem = {.up = &container, .key = "filesystem"};
	const struct hk_place at = {.up = &filesystem, .index = index};
	return validate_mount(&at, fs, err);
}

int hk_config_perm_validate(const struct hk_extra_perm *perm, size_t index, struct hk_err *err) {
	const struct hk_place perms = {.key = "extra_perms"};
	const struct hk_place at = {.up = &perms, .index = index};
	return validate_perm(&at, perm, err);
}

int hk_config_validate(const struct hk_config *config, struct hk_err *err) {
	/* In memory the program's keys are where the flat layout has them. */
	unsigned int sections = HK_SECTION_BIT(HK_SECTION_TOP) | HK_SECTION_BIT(HK_SECTION_PROGRAM);
	int r = validate_members(NULL, sections, config, err);
	if (r < 0) {
		return r;
	}
	if (!config->home) {
		return hk_err_say(err, -EINVAL, "invalid path to home directory");
	}
	/* Without a container the shell and the program are looked up when it starts. */
	if (config->container && !config->shell) {
		return hk_err_say(err, -EINVAL, "invalid shell path");
	}
	if (config->container && !config->path) {
		return hk_err_say(err, -EINVAL, "invalid program path");
	}
	return 0;
}
