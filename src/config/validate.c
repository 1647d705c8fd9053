/* SPDX-License-Identifier: MIT */
/*
 * validate.c: values, one by one as the table says, and then what they must be together. Also
 * holds for configurations that no file was read for. What the reader has lost is no news.
 */
#include "config/validate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "config/check.h"
#include "config/fields.h"
#include "config/place.h"

struct validator {
	const struct hk_config_report *report;
	bool nested; /* the program's keys are in the container */
};

/* Checks the member at value. */
typedef int validate_fn(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value);

static int validate_members(const struct validator *validator, const struct hk_place *place,
	unsigned int sections, const void *base);

static int keep(const struct validator *validator, const struct hk_place *place, int r) {
	return hk_config_report_keep(validator->report, place, HK_CONFIG_FOLLOWS, r);
}

static int validate_nothing(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)place;
	(void)field;
	(void)value;
	(void)validator;
	return 0; /* any value of this type will do */
}

static int validate_integer(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	int64_t number = *(const int64_t *)value;
	if (field->check) {
		return 0; /* which has its own words for it */
	}
	if (number < field->min || number > field->max) {
		return hk_config_place_say(place, validator->report->err, -EINVAL,
			"%" PRId64 " out of range, expected %" PRId64 " to %" PRId64, number,
			field->min, field->max);
	}
	return 0;
}

static int validate_text(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const char *text = *(const char *const *)value;
	if (text && field->max && strlen(text) > (size_t)field->max) {
		return hk_config_place_say(place, validator->report->err, -EINVAL,
			"longer than %" PRId64 " bytes", field->max);
	}
	return 0;
}

static int validate_path(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const char *path = *(const char *const *)value;
	const char *problem = path ? hk_config_path_problem(path) : NULL;
	if (!problem) {
		return 0;
	}
	if (field->complaint) {
		return hk_err_say(
			validator->report->err, -EINVAL, "%s: %s", field->complaint, problem);
	}
	return hk_config_place_say(place, validator->report->err, -EINVAL, "%s", problem);
}

static int validate_count(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, size_t count) {
	size_t limit = field->max ? (size_t)field->max : HK_CONFIG_LIST_MAX;
	if (count > limit) {
		return hk_config_place_say(
			place, validator->report->err, -EINVAL, "more than %zu entries", limit);
	}
	return 0;
}

static int validate_texts(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const struct hk_strs *strs = value;
	return validate_count(validator, place, field, strs->count);
}

static int validate_paths(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const struct hk_strs *paths = value;
	for (size_t i = 0; i < paths->count; i++) {
		const struct hk_place at = {.up = place, .index = i};
		const char *problem = hk_config_path_problem(paths->items[i]);
		int r = problem ? hk_config_place_say(
					  &at, validator->report->err, -EINVAL, "%s", problem)
				: 0;
		r = keep(validator, &at, r);
		if (r < 0) {
			return r;
		}
	}
	return validate_count(validator, place, field, paths->count);
}

static int validate_pairs(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const struct hk_pairs *pairs = value;
	return validate_count(validator, place, field, pairs->count);
}

static int validate_kind(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)field;
	enum hk_fs_type type = *(const enum hk_fs_type *)value;
	if (type >= HK_FS_TYPES) {
		return hk_config_place_say(
			place, validator->report->err, -EINVAL, "%d is no type", (int)type);
	}
	return 0;
}

static int validate_object(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	return validate_members(validator, place, HK_SECTION_BIT(field->of), value);
}

static int validate_box(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const void *base = *(const void *const *)value;
	return base ? validate_object(validator, place, field, base) : 0;
}

/* -- entries of lists ------------------------------------------------------------------------ */

static int validate_perm(const struct validator *validator, const struct hk_place *place,
	const struct hk_extra_perm *perm) {
	if (!perm->path) {
		return hk_config_place_say(
			place, validator->report->err, -EINVAL, "path is missing");
	}
	return validate_members(validator, place, HK_SECTION_BIT(HK_SECTION_PERM), perm);
}

static int validate_perms(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const struct hk_extra_perms *perms = value;
	for (size_t i = 0; i < perms->count; i++) {
		const struct hk_extra_perm *perm = &perms->items[i];
		const struct hk_place at = {.up = place, .index = i + perm->skipped};
		int r = keep(validator, &at, validate_perm(validator, &at, perm));
		if (r < 0) {
			return r;
		}
	}
	return validate_count(validator, place, field, perms->count);
}

static bool is_on(const struct hk_fs *fs, const char *path) {
	return fs->dst && strcmp(fs->dst, path) == 0;
}

/* dst has fallen back to src already, where there was one. */
static bool has_no_src(const struct hk_fs *fs) {
	return !fs->src || !fs->dst;
}

static bool has_no_dst(const struct hk_fs *fs) {
	return !fs->dst;
}

static bool is_ensured_and_optional(const struct hk_fs *fs) {
	return fs->ensure && fs->optional;
}

static bool is_special_elsewhere(const struct hk_fs *fs) {
	return fs->special && fs->dst && !is_on(fs, "/") && !is_on(fs, "/etc");
}

static bool is_open_root(const struct hk_fs *fs) {
	return !fs->special && is_on(fs, "/") && (fs->write || fs->dev);
}

static bool has_half_an_upper(const struct hk_fs *fs) {
	return !fs->upper != !fs->work;
}

static bool has_nothing_below(const struct hk_fs *fs) {
	return fs->upper && fs->lower.count < 1;
}

static bool is_no_overlay(const struct hk_fs *fs) {
	return !fs->upper && !fs->work && fs->lower.count < 2;
}

static bool is_root(const struct hk_fs *fs) {
	return is_on(fs, "/");
}

static bool has_no_linkname(const struct hk_fs *fs) {
	return !fs->linkname || fs->linkname[0] == '\0';
}

static bool is_relative_outside(const struct hk_fs *fs) {
	return fs->dereference && fs->linkname && fs->linkname[0] != '/';
}

/* What a mount must not be, by itself, and the keys that say so. */
static const struct {
	enum hk_fs_type type;
	bool (*is_so)(const struct hk_fs *fs);
	const char *keys[3];
	const char *problem;
} mount_rules[] = {
	{HK_FS_BIND, has_no_src, {"src"}, "src is missing"},
	{HK_FS_BIND, is_ensured_and_optional, {NULL}, "ensure and optional exclude each other"},
	{HK_FS_BIND, is_special_elsewhere, {"src", "dst"}, "special needs / or /etc as dst"},
	{HK_FS_BIND, is_open_root, {"src", "dst", "special"},
		"a bind on / that is not special can be neither write nor dev"},
	{HK_FS_EPHEMERAL, has_no_dst, {"dst"}, "dst is missing"},
	{HK_FS_OVERLAY, has_no_dst, {"dst"}, "dst is missing"},
	{HK_FS_OVERLAY, has_half_an_upper, {"upper", "work"}, "upper and work need each other"},
	{HK_FS_OVERLAY, has_nothing_below, {"lower"}, "a writable overlay needs a lower directory"},
	{HK_FS_OVERLAY, is_no_overlay, {"upper", "work", "lower"},
		"a read-only overlay needs two lower directories"},
	{HK_FS_LINK, has_no_dst, {"dst"}, "dst is missing"},
	{HK_FS_LINK, is_root, {NULL}, "a link cannot be /"},
	{HK_FS_LINK, has_no_linkname, {"linkname"}, "linkname is missing"},
	{HK_FS_LINK, is_relative_outside, {NULL}, "dereference needs an absolute linkname"},
};

/* Is the mount's key, or the mount, spoilt? */
static bool is_spoilt(
	const struct validator *validator, const struct hk_place *mount, const char *key) {
	const struct hk_place at = {.up = mount, .key = key};
	char text[HK_CONFIG_PLACE_MAX];
	hk_config_place_write(&at, text);
	return validator->report->findings &&
	       hk_config_findings_spoilt(validator->report->findings, text);
}

/* keys: those that the problem is about. */
static int bad_mount(const struct validator *validator, const struct hk_place *place,
	const char *const keys[static 3], const char *problem) {
	for (size_t i = 0; i < 3 && keys[i]; i++) {
		if (is_spoilt(validator, place, keys[i])) {
			return 0;
		}
	}
	if (is_spoilt(validator, place, "type")) {
		return 0;
	}
	return hk_config_report_keep(validator->report, place, HK_CONFIG_APART,
		hk_config_report_say_mount(validator->report, place->index, problem));
}

static int validate_mount(
	const struct validator *validator, const struct hk_place *place, const struct hk_fs *fs) {
	/* A type that is none has no section: the first one's row of the type refuses it. */
	unsigned int type = fs->type < HK_FS_TYPES ? fs->type : 0;
	int r = validate_members(validator, place, HK_SECTION_BIT(HK_SECTION_BIND + type), fs);
	for (size_t i = 0; r >= 0 && i < sizeof(mount_rules) / sizeof(mount_rules[0]); i++) {
		if (mount_rules[i].type == fs->type && mount_rules[i].is_so(fs)) {
			r = bad_mount(
				validator, place, mount_rules[i].keys, mount_rules[i].problem);
		}
	}
	return r;
}

static int validate_mounts(const struct validator *validator, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const struct hk_fss *mounts = value;
	static const char *const keys[3] = {"src", "dst"};
	bool etc = false;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct hk_fs *fs = &mounts->items[i];
		const struct hk_place at = {.up = place, .index = i};
		int r = validate_mount(validator, &at, fs);
		/* What is mounted on the root later would cover everything before it. This also
		 * makes a second autoroot impossible. */
		if (r >= 0 && i > 0 && is_on(fs, "/")) {
			r = bad_mount(validator, &at, keys, "only the first mount can be on /");
		}
		bool special_etc = fs->special && is_on(fs, "/etc");
		if (r >= 0 && etc && special_etc) {
			r = bad_mount(validator, &at, keys, "a second special mount on /etc");
		}
		if (r < 0) {
			return r;
		}
		etc = etc || special_etc;
	}
	return validate_count(validator, place, field, mounts->count);
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

/* Is it the value of the key that it falls back to? Then that one is checked. */
static bool is_borrowed(
	const struct hk_field *field, unsigned int sections, const void *base, const void *value) {
	const struct hk_field *other =
		field->like ? hk_config_field_find(sections, field->like) : NULL;
	return other && *(const char *const *)value ==
				*(const char *const *)hk_config_field_look(other, base);
}

static int validate_members(const struct validator *validator, const struct hk_place *place,
	unsigned int sections, const void *base) {
	const struct hk_place container = {.key = "container"};
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		const void *value = hk_config_field_look(field, base);
		if (!(sections & HK_SECTION_BIT(field->section)) ||
			is_borrowed(field, sections, base, value)) {
			continue;
		}
		const bool inside = validator->nested && field->section == HK_SECTION_PROGRAM;
		const struct hk_place at = {.up = inside ? &container : place, .key = field->key};
		int r = keep(validator, &at, types[field->type](validator, &at, field, value));
		if (r >= 0 && field->check) {
			r = field->check(validator->report, &at, field, value);
			r = keep(validator, &at, r);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int hk_config_mount_validate(const struct hk_fs *fs, size_t index, struct hk_err *err) {
	const struct hk_config_report report = {.err = err};
	const struct validator validator = {.report = &report};
	const struct hk_place container = {.key = "container"};
	const struct hk_place filesystem = {.up = &container, .key = "filesystem"};
	const struct hk_place at = {.up = &filesystem, .index = index};
	return validate_mount(&validator, &at, fs);
}

int hk_config_perm_validate(const struct hk_extra_perm *perm, size_t index, struct hk_err *err) {
	const struct hk_config_report report = {.err = err};
	const struct validator validator = {.report = &report};
	const struct hk_place perms = {.key = "extra_perms"};
	const struct hk_place at = {.up = &perms, .index = index};
	return validate_perm(&validator, &at, perm);
}

/* A key of the program that has to be there. */
static int need(const struct validator *validator, const char *key, const char *value,
	const char *complaint) {
	const struct hk_place container = {.key = "container"};
	const struct hk_place at = {.up = validator->nested ? &container : NULL, .key = key};
	const struct hk_config_report *report = validator->report;
	return value ? 0
		     : keep(validator, &at,
			       hk_err_say(report->err, -EINVAL, "%s",
				       report->findings ? "is needed" : complaint));
}

int hk_config_validate_all(
	const struct hk_config_report *report, bool nested, const struct hk_config *config) {
	const struct validator validator = {.report = report, .nested = nested};
	/* In memory the program's keys are where the flat layout has them. */
	unsigned int sections = HK_SECTION_BIT(HK_SECTION_TOP) | HK_SECTION_BIT(HK_SECTION_PROGRAM);
	int r = validate_members(&validator, NULL, sections, config);
	r = r < 0 ? r : need(&validator, "home", config->home, "invalid path to home directory");
	/* Without a container the shell and the program are looked up when it starts. */
	if (r >= 0 && config->container) {
		r = need(&validator, "shell", config->shell, "invalid shell path");
		r = r < 0 ? r : need(&validator, "path", config->path, "invalid program path");
	}
	return r;
}

int hk_config_validate(const struct hk_config *config, struct hk_err *err) {
	const struct hk_config_report report = {.err = err};
	return hk_config_validate_all(&report, false, config);
}
