/* SPDX-License-Identifier: MIT */
/* print_short.c: mounts and ACL entries in one line each, for a person's eyes. */
#include "config/print.h"

#include <string.h>

#include "base/auto.h"
#include "config/validate.h"

#define INVALID "<invalid>"

static void print_root(const struct hk_fs *fs, struct hk_str *out) {
	hk_str_add(out, "autoroot");
	if (fs->dev || fs->write) {
		hk_str_add(out, fs->dev ? ":d" : ":w");
	}
	if (strcmp(fs->src, "/") != 0) {
		hk_str_add(out, ":");
		hk_str_add_escaped(out, fs->src);
	}
}

static void print_bind(const struct hk_fs *fs, struct hk_str *out) {
	if (fs->special && strcmp(fs->dst, "/") == 0) {
		print_root(fs, out);
		return;
	}
	if (fs->special) {
		hk_str_add(out, "autoetc:");
		hk_str_add_escaped(out, fs->src);
		return;
	}
	if (fs->dev || fs->write) {
		hk_str_add(out, fs->dev ? "d" : "w");
	}
	hk_str_add(out, fs->ensure ? "-" : fs->optional ? "+" : "*");
	hk_str_add_escaped(out, fs->src);
	if (strcmp(fs->dst, fs->src) != 0) {
		hk_str_add(out, ":");
		hk_str_add_escaped(out, fs->dst);
	}
}

/* As ls -l shows them. */
static void print_bits(int64_t perm, struct hk_str *out) {
	char text[] = "-rwxrwxrwx";
	for (unsigned int i = 0; i < 9; i++) {
		if (!(perm & (0400 >> i))) {
			text[i + 1] = '-';
		}
	}
	if (perm & 01000) {
		text[9] = perm & 01 ? 't' : 'T';
	}
	hk_str_add(out, text);
}

static void print_ephemeral(const struct hk_fs *fs, struct hk_str *out) {
	hk_str_add(out, fs->write ? "w+ephemeral(" : "+ephemeral(");
	print_bits(fs->perm, out);
	hk_str_add(out, "):");
	hk_str_add_escaped(out, fs->dst);
}

/* A path among others with colons between them. */
static void print_layer(const char *path, struct hk_str *out) {
	HK_AUTO(str) struct hk_str layer = {0};
	for (const char *c = path; *c; c++) {
		if (strchr("\\:,", *c)) {
			hk_str_add(&layer, "\\");
		}
		hk_str_add_bytes(&layer, c, 1);
	}
	hk_str_add_escaped(out, layer.text ? layer.text : "");
	out->failed = out->failed || layer.failed;
}

static void print_overlay(const struct hk_fs *fs, struct hk_str *out) {
	hk_str_add(out, fs->upper ? "w*" : "*");
	print_layer(fs->dst, out);
	if (fs->upper) {
		hk_str_add(out, ":");
		print_layer(fs->upper, out);
		hk_str_add(out, ":");
		print_layer(fs->work, out);
	}
	for (size_t i = 0; i < fs->lower.count; i++) {
		hk_str_add(out, ":");
		print_layer(fs->lower.items[i], out);
	}
}

static void print_link(const struct hk_fs *fs, struct hk_str *out) {
	hk_str_add_escaped(out, fs->dst);
	if (fs->dereference && strcmp(fs->dst, fs->linkname) == 0) {
		hk_str_add(out, "@");
		return;
	}
	hk_str_add(out, fs->dereference ? " -> *" : " -> ");
	hk_str_add_escaped(out, fs->linkname);
}

static void (*const kinds[HK_FS_TYPES])(const struct hk_fs *fs, struct hk_str *out) = {
	[HK_FS_BIND] = print_bind,
	[HK_FS_EPHEMERAL] = print_ephemeral,
	[HK_FS_OVERLAY] = print_overlay,
	[HK_FS_LINK] = print_link,
};

void hk_config_print_mount(const struct hk_fs *fs, struct hk_str *out) {
	struct hk_err err;
	if (hk_config_mount_validate(fs, 0, &err) < 0) {
		hk_str_add(out, INVALID);
		return;
	}
	kinds[fs->type](fs, out);
}

void hk_config_print_perm(const struct hk_extra_perm *perm, struct hk_str *out) {
	struct hk_err err;
	if (hk_config_perm_validate(perm, 0, &err) < 0) {
		hk_str_add(out, INVALID);
		return;
	}
	hk_str_addf(out, "%c%c%c%s:", perm->r ? 'r' : '-', perm->w ? 'w' : '-', perm->x ? 'x' : '-',
		perm->ensure ? "+" : "");
	hk_str_add_escaped(out, perm->path);
}
