/* SPDX-License-Identifier: MIT */
/*
 * probe.h: the payload of the integration tests: a program that says what it sees from where it
 * is, one line of JSON a command, and tries what a test wants to see refused.
 *
 * A command's status is 0 once it has printed what happened, also when that was a refusal:
 * "ok" says which. Only a wrong call of the probe itself gives 2.
 */
#ifndef HK_PROBE_PROBE_H
#define HK_PROBE_PROBE_H

#include "json.h"

/* argv[0] is the command's name; argc counts it. */
typedef int hk_probe_command(struct hk_json *json, int argc, char **argv);

hk_probe_command hk_probe_facts; /* facts.c */

hk_probe_command hk_probe_ls; /* files.c */
hk_probe_command hk_probe_stat;
hk_probe_command hk_probe_read;
hk_probe_command hk_probe_write;
hk_probe_command hk_probe_mkdir;
hk_probe_command hk_probe_symlink;
hk_probe_command hk_probe_readlink;
hk_probe_command hk_probe_remove;

hk_probe_command hk_probe_connect; /* socket.c */
hk_probe_command hk_probe_connect_abstract;

hk_probe_command hk_probe_env; /* process.c */
hk_probe_command hk_probe_exit;
hk_probe_command hk_probe_fork_linger;
hk_probe_command hk_probe_kill_self;
hk_probe_command hk_probe_ptrace;
hk_probe_command hk_probe_setresuid;
hk_probe_command hk_probe_signals;
hk_probe_command hk_probe_sleep;
hk_probe_command hk_probe_syscall;
hk_probe_command hk_probe_syscall32;
hk_probe_command hk_probe_wait;

hk_probe_command hk_probe_tty; /* terminal.c */

/* The parts of facts, each a few keys of the open object. */
void hk_probe_facts_mounts(struct hk_json *json); /* facts_mounts.c */
void hk_probe_facts_kernel(struct hk_json *json); /* facts_kernel.c: what has no file in /proc */

/* An answer without details: {"command": NAME, "ok": ..., "errno": ...}. code: errno or 0. */
int hk_probe_answer(struct hk_json *json, const char *name, int code);
/* The same, left open for more keys; hk_probe_answer_end closes it and is the status. */
void hk_probe_answer_begin(struct hk_json *json, const char *name, int code);
int hk_probe_answer_end(struct hk_json *json);

#endif
