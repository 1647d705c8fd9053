/* SPDX-License-Identifier: MIT */
/*
 * doctor.h: the inside of `doctor`: groups of checks, and what they find. A group is a file in
 * this folder and a row in doctor.c, a check a row in the group's table.
 */
#ifndef HK_CLI_DOCTOR_DOCTOR_H
#define HK_CLI_DOCTOR_DOCTOR_H

#include "cli/command.h"
#include "monitor/backend.h"

enum hk_doctor_state {
	HK_DOCTOR_OK,
	HK_DOCTOR_NOTE,	   /* a run works without it */
	HK_DOCTOR_MISSING, /* it does not */
};

/* All texts in the arena, and not escaped. */
struct hk_doctor_finding {
	const char *name;
	enum hk_doctor_state state;
	const char *text;   /* what is there, or what is missing */
	const char *repair; /* the command that repairs it; NULL: there is none, or need of none */
	bool by_person;	    /* it is for the person, not for root */
};
struct hk_doctor_findings HK_VEC(struct hk_doctor_finding);

/* What the kernel lets a process in new namespaces do: results as of system calls. */
struct hk_doctor_probe {
	int namespaces;
	int mounts; /* the calls that a container's root is built with */
	int proc;   /* a proc of its own */
	int overlay;
};

/* What is known so far, for the groups that come later. */
struct hk_doctor {
	const struct hk_cli *cli;
	struct hk_arena *arena;
	bool is_root;
	const char *wanted;		  /* "auto", or the one backend that counts */
	const struct hk_backend *backend; /* the first that is whole, or NULL */
	bool broken;			  /* something that every run needs is missing */
	bool probed;
	struct hk_doctor_probe probe; /* valid once probed */
};

/* Whom a check is for: a run is a person's, and there are things that only root can see. */
enum hk_doctor_who { HK_DOCTOR_PERSON = 1, HK_DOCTOR_ROOT = 2, HK_DOCTOR_BOTH = 3 };

struct hk_doctor_check {
	const char *name;
	enum hk_doctor_who who;
	/* Returns a state, or a negative number and an error, which is a text for missing. */
	int (*look)(
		struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err);
};

enum hk_doctor_kind {
	HK_DOCTOR_NEEDED,  /* by every run */
	HK_DOCTOR_BACKEND, /* one of them will do */
	HK_DOCTOR_SERVICE, /* by runs that ask for it: what is missing is a note */
};

struct hk_doctor_group {
	const char *name;
	const char *title;
	enum hk_doctor_kind kind;
	enum hk_doctor_who who;
	const struct hk_backend *backend;
	const struct hk_needs *needs; /* looked at first; NULL: none */
	/* Looked at where no need is missing. */
	const struct hk_doctor_check *checks;
	size_t check_count;
};

extern const struct hk_doctor_group hk_doctor_hsu;
extern const struct hk_doctor_group hk_doctor_subuid;
extern const struct hk_doctor_group hk_doctor_kernel;
extern const struct hk_doctor_group hk_doctor_directories;
extern const struct hk_doctor_group hk_doctor_trial;
extern const struct hk_doctor_group hk_doctor_services;

/* Sets the finding's text and returns the state. */
int hk_doctor_say(struct hk_doctor *doctor, struct hk_doctor_finding *finding,
	enum hk_doctor_state state, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Sets the command that repairs it. Paths go through HK_ESC there, too. */
void hk_doctor_repair(struct hk_doctor *doctor, struct hk_doctor_finding *finding, bool by_person,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A group and what was found in it. */
struct hk_doctor_report {
	const struct hk_doctor_group *group;
	struct hk_doctor_findings findings;
	bool whole; /* nothing is missing */
};

/* Prints all of it, as text or as JSON (print.c). */
int hk_doctor_print(const struct hk_doctor *doctor, const struct hk_doctor_report *reports,
	size_t count, struct hk_err *err);

/* Would a run work? */
bool hk_doctor_works(const struct hk_doctor *doctor);

/* What is in the list of persons, for root, who may read it (hsurc.c). */
int hk_doctor_look_at_lines(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err);

/* Tries it (probe.c). */
int hk_doctor_probe(struct hk_doctor_probe *ret_probe, struct hk_err *err);

/* Starts a program that ends at once, in the permissive container of `run`, with these services;
 * the error is what the start said (trial.c). */
int hk_doctor_try(
	struct hk_doctor *doctor, const struct hk_enablements *enablements, struct hk_err *err);

/* The configuration of that. */
int hk_doctor_config(struct hk_doctor *doctor, const struct hk_enablements *enablements,
	struct hk_config *ret_config, struct hk_err *err);

#endif
