/* SPDX-License-Identifier: MIT */
/*
 * channel.h: what the monitor and the shim say to each other, over one stream socket pair.
 *
 * The shim runs under the uid of the program and is hostile to the monitor: a frame of its may
 * be cut, too long or senseless, and may never end. So a reader never blocks, never allocates
 * more than its limit, and takes no descriptor unless it asks for one. A hang-up is a message
 * too: it tells either side that the other is gone.
 *
 * Frame: the fields of struct header in channel.c, each four bytes, little-endian; then `size`
 * bytes. Both programs are built together, so there is no version.
 */
#ifndef HK_CHANNEL_CHANNEL_H
#define HK_CHANNEL_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

#define HK_CHANNEL_PLAN_MAX (16 * 1024 * 1024) /* bytes in a frame to the shim */
#define HK_CHANNEL_SHIM_MAX (64 * 1024)	       /* and in one from it */

/* The environment variable with the number of the shim's end: one digit, 3 to 9. */
#define HK_CHANNEL_VARIABLE "HAKUREI_SHIM"

enum hk_message_kind {
	/* shim to monitor */
	HK_MESSAGE_HELLO = 1, /* value: the kernel uid that the shim has */
	HK_MESSAGE_STARTED,   /* the program has been executed */
	HK_MESSAGE_ERROR,     /* value: enum hk_message_error; code, bytes: the error */
	HK_MESSAGE_ENDED,     /* value: the program's wait status; code: 1 where it was the last */
	HK_MESSAGE_GONE,      /* everything that ran in the container is */
	/* monitor to shim */
	HK_MESSAGE_SPACES, /* ahead of a plan without services; bytes: plan/wire.h */
	HK_MESSAGE_PLAN,   /* value: verbose or not; bytes: plan/wire.h; with the instance directory
			    */
	HK_MESSAGE_EXIT,   /* the program shall end */
};

enum hk_message_error {
	HK_MESSAGE_ERROR_SETUP, /* the container could not be built */
	HK_MESSAGE_ERROR_EXEC,	/* the program could not be executed in it */
};

struct hk_message {
	uint32_t kind;
	uint32_t value;
	int32_t code;
	const void
		*bytes; /* borrowed: from the sender, or from the channel until the next receive */
	uint32_t size;
};

/* One end. */
struct hk_channel {
	int fd;
	uint32_t max;	     /* bytes in a frame that is received */
	bool takes_fd;	     /* keep a descriptor that comes along */
	int received_fd;     /* the last one, or -1; whoever uses it takes it */
	struct ucred sender; /* of the last bytes, by the kernel's word; not with takes_fd */
	struct hk_str bytes; /* what has come and was not handed out */
	uint32_t used;	     /* of them, handed out by the last receive */
};

/* Takes over fd. The end that takes no descriptors learns who sends. */
int hk_channel_init(
	struct hk_channel *channel, int fd, uint32_t max, bool takes_fd, struct hk_err *err);

/* Closes everything; may be called twice. The other side sees the hang-up. */
void hk_channel_finish(struct hk_channel *channel);

/* Sends a message, with the descriptor fd unless it is -1. Waits up to timeout_ms (-1: for ever)
 * each time that the other side does not read; then -ETIMEDOUT, and the channel is of no more
 * use, for half a frame may be on its way. -EPIPE when the other side is gone. */
int hk_channel_send(struct hk_channel *channel, const struct hk_message *message, int fd,
	int timeout_ms, struct hk_err *err);

/*
 * Never blocks. 1: a message. 0: not all of one has come yet. Errors: -EPIPE the other side hung
 * up; -EBADMSG a frame that is no frame.
 */
int hk_channel_receive(
	struct hk_channel *channel, struct hk_message *ret_message, struct hk_err *err);

/* Sends an error as HK_MESSAGE_ERROR. */
int hk_channel_send_error(struct hk_channel *channel, enum hk_message_error where,
	const struct hk_err *error, struct hk_err *err);

/* The error in a message, its text escaped: whoever sent it may be hostile. */
void hk_channel_read_error(const struct hk_message *message, struct hk_err *ret_error);

#endif
