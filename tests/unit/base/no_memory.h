/* SPDX-License-Identifier: MIT */
/* no_memory.h: malloc and realloc that fail when a test wants it. Linked with --wrap. */
#ifndef HK_TESTS_NO_MEMORY_H
#define HK_TESTS_NO_MEMORY_H

/* The next allowed allocations succeed, those after them fail, until hk_test_memory_back. */
void hk_test_memory_runs_out_after(unsigned int allowed);

/* The same, but only one of them fails: as a large one does, and small ones after it do not. */
void hk_test_memory_fails_once_after(unsigned int allowed);
void hk_test_memory_back(void);

#endif
