/* pin_archive.h: keeps libarchive open between runs; the reader opens and closes it for each compressed file. */
#ifndef SV_TESTS_FUZZ_PIN_ARCHIVE_H
#define SV_TESTS_FUZZ_PIN_ARCHIVE_H

#include <dlfcn.h>
#include <stdbool.h>

/** Once is enough; where there is no libarchive, nothing. */
static inline void pin_archive(void)
{
    static bool is_pinned;
    if (!is_pinned)
        (void)dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
    is_pinned = true;
}

#endif
