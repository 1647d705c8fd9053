/* SPDX-License-Identifier: MIT */
/*
 * word.h: what may stand in a place of the command line, as the tables write it:
 *
 *	"IDENTITY"		capitals: something that the person puts there
 *	"auto|hsu|subuid"	small letters stand for themselves; these are all that there is
 *	"FILE|builtin"		either
 *
 * A command's arguments are such words with spaces between them, "..." behind one that may be
 * repeated, and brackets around what may be left out: "[options] NAME|FILE [ARGUMENT...]".
 * Help prints them as they are; completions offer what is in the table of words.
 */
#ifndef HK_CLI_WORD_H
#define HK_CLI_WORD_H

#include <stdbool.h>
#include <stddef.h>

#define HK_WORD_MAX 32

enum hk_word_kind {
	HK_WORD_UNKNOWN, /* in capitals, and not in the table of words */
	HK_WORD_ITSELF,
	HK_WORD_FREE, /* nobody can guess */
	HK_WORD_FILE,
	HK_WORD_DIRECTORY,
	HK_WORD_GROUP,	  /* one that the person is a member of */
	HK_WORD_NAME,	  /* of an installed configuration */
	HK_WORD_INSTANCE, /* short id of one that runs */
	HK_WORD_COMMAND,  /* of hakurei */
	HK_WORD_PROGRAM,  /* of the host, and behind it what that one takes */
};

struct hk_word {
	enum hk_word_kind kind;
	char text[HK_WORD_MAX];
};

/* The first alternative in *text, which then starts at the next one. False: there was none. */
bool hk_word_next(const char **text, struct hk_word *ret_word);

/* Is it one of small words only? */
bool hk_word_is_choice(const char *text);

/* One argument of a command, behind its options. */
struct hk_argument {
	char words[2 * HK_WORD_MAX]; /* alternatives */
	bool repeated;
};

/* The first one in *arguments, which then starts behind it. False: there was none. */
bool hk_argument_next(const char **arguments, struct hk_argument *ret_argument);

#endif
