/* SPDX-License-Identifier: MIT */
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/sys.h"

/* Code and constants are in their files, and are read again from there when they are needed. What
 * can be written to has a segment of its own, and is left alone. */
static int drop_constants(struct dl_phdr_info *info, size_t size, void *data) {
	(void)size;
	const uintptr_t page = *(const uintptr_t *)data;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) {
			continue;
		}
		uintptr_t first = (info->dlpi_addr + segment->p_vaddr) / page * page;
		uintptr_t end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
		/* Where it cannot be done, as with the kernel's own pages, nothing is lost. */
		(void)madvise((void *)first, end - first, MADV_DONTNEED);
	}
	return 0;
}

void hk_sys_give_back_memory(void) {
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	(void)malloc_trim(0); /* says whether there was anything to give */
	(void)dl_iterate_phdr(drop_constants, &page);
}
