/* SPDX-License-Identifier: MIT */
#include "channel/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "sys/sys.h"

/* Field by field what a frame starts with: writer and reader both walk this list. */
#define HEADER_FIELDS(X)  X(size) X(kind) X(value) X(code)
#define COUNT_FIELD(name) +1
#define HEADER_SIZE	  (4 * (0 HEADER_FIELDS(COUNT_FIELD)))
#define CHUNK		  4096 /* bytes asked for at once */
#define ERROR_TIMEOUT_MS  5000 /* whoever reports an error is about to end */

int hk_channel_init(
	struct hk_channel *channel, int fd, uint32_t max, bool takes_fd, struct hk_err *err) {
	*channel =
		(struct hk_channel){.fd = fd, .max = max, .takes_fd = takes_fd, .received_fd = -1};
	int r = takes_fd ? 0 : hk_sys_pass_credentials(fd);
	return r < 0 ? hk_err_step(err, r, "ask who is at the channel's other end") : 0;
}

void hk_channel_finish(struct hk_channel *channel) {
	hk_auto_fd(&channel->fd);
	hk_auto_fd(&channel->received_fd);
	channel->fd = -1;
	channel->received_fd = -1;
	hk_str_finish(&channel->bytes);
	channel->used = 0;
}

static void put_u32(unsigned char **at, uint32_t value) {
	for (unsigned int i = 0; i < 4; i++) {
		*(*at)++ = (unsigned char)(value >> (8 * i));
	}
}

static uint32_t get_u32(const unsigned char **at) {
	uint32_t value = 0;
	for (unsigned int i = 0; i < 4; i++) {
		value |= (uint32_t) * (*at)++ << (8 * i);
	}
	return value;
}

static int send_all(int socket, const void *bytes, size_t size, int fd, int timeout_ms) {
	const unsigned char *at = bytes;
	while (size > 0) {
		ssize_t n = fd >= 0 ? hk_sys_send_fd(socket, at, size, MSG_DONTWAIT, fd)
				    : hk_sys_send(socket, at, size, MSG_DONTWAIT);
		if (n == -EAGAIN) {
			struct pollfd poll = {.fd = socket, .events = POLLOUT};
			int r = hk_sys_poll(&poll, 1, timeout_ms);
			if (r <= 0 && r != -EINTR) {
				return r < 0 ? r : -ETIMEDOUT;
			}
			continue;
		}
		if (n < 0) {
			return (int)n;
		}
		fd = -1; /* it went with the first part */
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int hk_channel_send(struct hk_channel *channel, const struct hk_message *message, int fd,
	int timeout_ms, struct hk_err *err) {
	unsigned char header[HEADER_SIZE];
	unsigned char *at = header;
#define PUT(name) put_u32(&at, (uint32_t)message->name);
	HEADER_FIELDS(PUT)
#undef PUT
	int r = send_all(channel->fd, header, sizeof(header), fd, timeout_ms);
	r = r < 0 ? r : send_all(channel->fd, message->bytes, message->size, -1, timeout_ms);
	return r < 0 ? hk_err_step(err, r, "send over the channel") : 0;
}

/* Takes in what is there, at most one frame's worth. 1: something came; 0: nothing is there. */
static int take_in(struct hk_channel *channel) {
	unsigned char chunk[CHUNK];
	int fd = -1;
	ssize_t n = channel->takes_fd
			    ? hk_sys_recv_fd(channel->fd, chunk, sizeof(chunk), MSG_DONTWAIT, &fd)
			    : hk_sys_recv_from(channel->fd, chunk, sizeof(chunk), MSG_DONTWAIT,
				      &channel->sender);
	if (n == -EAGAIN) {
		return 0;
	}
	if (n < 0) {
		return n == -ECONNRESET ? -EPIPE : (int)n;
	}
	if (fd >= 0) {
		hk_auto_fd(&channel->received_fd);
		channel->received_fd = fd;
	}
	hk_str_add_bytes(&channel->bytes, chunk, (size_t)n);
	if (channel->bytes.failed) {
		return -ENOMEM;
	}
	return n == 0 ? -EPIPE : 1;
}

/* Is there a whole frame? */
static int take_out(struct hk_channel *channel, struct hk_message *ret_message) {
	if (channel->bytes.length < HEADER_SIZE) {
		return 0;
	}
	struct hk_message message = {0};
	const unsigned char *at = (const unsigned char *)channel->bytes.text;
#define GET(name) message.name = (__typeof__(message.name))get_u32(&at);
	HEADER_FIELDS(GET)
#undef GET
	if (message.size > channel->max) {
		return -EBADMSG;
	}
	if (channel->bytes.length - HEADER_SIZE < message.size) {
		return 0;
	}
	message.bytes = at;
	channel->used = HEADER_SIZE + message.size;
	*ret_message = message;
	return 1;
}

int hk_channel_receive(
	struct hk_channel *channel, struct hk_message *ret_message, struct hk_err *err) {
	if (channel->used > 0) {
		channel->bytes.length -= channel->used;
		memmove(channel->bytes.text, channel->bytes.text + channel->used,
			channel->bytes.length);
		channel->used = 0;
	}
	for (;;) {
		int r = take_out(channel, ret_message);
		r = r == 0 ? take_in(channel) : r;
		if (r < 0) {
			return hk_err_step(err, r, "receive from the channel");
		}
		if (r == 0 || channel->used > 0) {
			return r;
		}
	}
}

int hk_channel_send_error(struct hk_channel *channel, enum hk_message_error where,
	const struct hk_err *error, struct hk_err *err) {
	const struct hk_message message = {
		.kind = HK_MESSAGE_ERROR,
		.value = where,
		.code = error->code,
		.bytes = error->text,
		.size = (uint32_t)strlen(error->text),
	};
	return hk_channel_send(channel, &message, -1, ERROR_TIMEOUT_MS, err);
}

void hk_channel_read_error(const struct hk_message *message, struct hk_err *ret_error) {
	char text[HK_ERR_TEXT_MAX];
	(void)snprintf(text, sizeof(text), "%.*s",
		(int)(message->size < sizeof(text) ? message->size : sizeof(text)),
		(const char *)message->bytes);
	HK_AUTO(str) struct hk_str escaped = {0};
	hk_str_add_escaped(&escaped, text);
	int code = message->code < 0 ? message->code : -EIO;
	(void)hk_err_say(ret_error, code, "%s", escaped.text ? escaped.text : "");
}
