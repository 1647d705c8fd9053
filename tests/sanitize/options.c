/* SPDX-License-Identifier: MIT */
/*
 * options.c: what the sanitizers of hakurei and of its shim do, in a build that has them: linked
 * in, because the shim's environment is cleaned, and a program's must not be added to. ASAN_OPTIONS
 * and UBSAN_OPTIONS still come after.
 *
 * Leaks are looked for in hakurei alone, and not by the processes that it forks: the search traces
 * the process from a thread of its own, which the shim's and the init's filter and their undumpable
 * state are there to prevent. What they allocate lives in one arena until they end.
 */
/* Looked up by the sanitizers' library. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__ubsan_default_options(void);

#define ASAN "abort_on_error=0:exitcode=99:strict_string_checks=1:detect_stack_use_after_return=1"

#ifdef HK_OF_SHIM
#define LEAKS ":detect_leaks=0"
#else
#define LEAKS ":detect_leaks=1"
#endif

const char *__asan_default_options(void) {
	return ASAN LEAKS;
}

const char *__ubsan_default_options(void) {
	return "halt_on_error=1:print_stacktrace=1:exitcode=99";
}
