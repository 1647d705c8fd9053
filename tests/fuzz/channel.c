/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what a hostile shim sends. The first byte says how much comes at once, the rest are
 * frames, or not. Each message that is handed out is compared with the bytes that it came from;
 * one that is too long, and nothing else, ends it; nothing is handed out of half a frame. The error
 * in a message is one line that a terminal can show.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "channel/channel.h"

#define FRAME_MAX 1024 /* bytes: the limit is the reader's choice */
#define HEADER	  16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

static uint32_t get_u32(const uint8_t *at) {
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void check_error(const struct hk_message *message) {
	struct hk_err error = {0};
	hk_channel_read_error(message, &error);
	check(error.code < 0 && (message->code >= 0 || error.code == message->code));
	for (const char *at = error.text; *at; at++) {
		check((unsigned char)*at >= 0x20 && *at != 0x7f);
	}
}

/* Takes out what can be; at: the first byte that was not, of those up to end. False: it is over. */
static bool receive(struct hk_channel *channel, const uint8_t **at, const uint8_t *end) {
	for (;;) {
		struct hk_message message = {0};
		struct hk_err err = {0};
		size_t left = (size_t)(end - *at);
		int r = hk_channel_receive(channel, &message, &err);
		if (r == -EBADMSG) {
			check(left >= HEADER && get_u32(*at) > FRAME_MAX && err.text[0]);
			return false;
		}
		check(r == 0 || r == 1);
		check(left < HEADER || get_u32(*at) <= FRAME_MAX);
		bool whole = left >= HEADER && left - HEADER >= get_u32(*at);
		check(whole == (r == 1));
		if (r == 0) {
			return true;
		}
		check(message.size == get_u32(*at) && message.kind == get_u32(*at + 4));
		check(message.value == get_u32(*at + 8));
		check((uint32_t)message.code == get_u32(*at + 12));
		check(memcmp(message.bytes, *at + HEADER, message.size) == 0);
		check_error(&message);
		*at += HEADER + message.size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	int pair[2];
	if (size < 1 || size > 65536 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		return 0;
	}
	struct hk_channel channel;
	struct hk_err err;
	check(hk_channel_init(&channel, pair[0], FRAME_MAX, data[0] & 1, &err) == 0);
	const size_t step = 1 + data[0] * 8u;
	const uint8_t *at = data + 1;	/* of what was handed out */
	const uint8_t *sent = data + 1; /* of what the other side has sent */
	bool open = true;
	while (open && sent < data + size) {
		size_t rest = (size_t)(data + size - sent);
		size_t count = rest < step ? rest : step;
		check(write(pair[1], sent, count) == (ssize_t)count);
		sent += count;
		open = receive(&channel, &at, sent);
	}
	(void)close(pair[1]);
	struct hk_message message;
	if (open) {
		check(hk_channel_receive(&channel, &message, &err) == -EPIPE);
	}
	hk_channel_finish(&channel);
	return 0;
}
