/* SPDX-License-Identifier: MIT */
/*
 * module.h: code that needs a client library (libwayland-client), loaded only when a
 * plan asks for it: a program without a window must not pay for one at its start.
 */
#ifndef HK_HOST_MODULE_H
#define HK_HOST_MODULE_H

#include "base/err.h"

/*
 * The address of a symbol in the module NAME ("x11"): src/module/NAME.c. It is where it was
 * installed, or, where nothing is installed, beside us in a build tree; never searched for by
 * environment. It stays loaded until we end. Errors name the file, with the loader's own text.
 */
int hk_host_module_load(
	const char *name, const char *symbol, const void **ret_address, struct hk_err *err);

#endif
