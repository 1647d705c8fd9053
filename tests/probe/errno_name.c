/* SPDX-License-Identifier: MIT */
#include "errno_name.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

/* clang-format off */
#define ROW(name) {name, #name}
static const struct {
	int code;
	const char *name;
} rows[] = {
	ROW(E2BIG), ROW(EACCES), ROW(EADDRINUSE), ROW(EAFNOSUPPORT), ROW(EAGAIN), ROW(EBADF),
	ROW(EBUSY), ROW(ECHILD), ROW(ECONNREFUSED), ROW(ECONNRESET), ROW(EDQUOT), ROW(EEXIST),
	ROW(EFAULT), ROW(EFBIG), ROW(EINTR), ROW(EINVAL), ROW(EIO), ROW(EISDIR), ROW(ELOOP),
	ROW(EMFILE), ROW(EMLINK), ROW(ENAMETOOLONG), ROW(ENETDOWN), ROW(ENETUNREACH), ROW(ENFILE),
	ROW(ENODATA), ROW(ENODEV), ROW(ENOENT), ROW(ENOEXEC), ROW(ENOKEY), ROW(ENOMEM), ROW(ENOSPC),
	ROW(ENOSYS), ROW(ENOTCONN), ROW(ENOTDIR), ROW(ENOTEMPTY), ROW(ENOTSOCK), ROW(ENOTTY),
	ROW(ENXIO), ROW(EOPNOTSUPP), ROW(EOVERFLOW), ROW(EPERM), ROW(EPIPE), ROW(EPROTONOSUPPORT),
	ROW(EPROTOTYPE), ROW(ERANGE), ROW(EROFS), ROW(ESPIPE), ROW(ESRCH), ROW(ESTALE),
	ROW(ETIMEDOUT), ROW(ETXTBSY), ROW(EUSERS), ROW(EXDEV),
};
/* clang-format on */

struct hk_errno_name hk_errno_name(int code) {
	struct hk_errno_name out;
	(void)snprintf(out.text, sizeof(out.text), "%d", code);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == code) {
			(void)snprintf(out.text, sizeof(out.text), "%s", rows[i].name);
		}
	}
	return out;
}
