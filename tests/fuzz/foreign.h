/* foreign.h: files that another library unpacks, which targets for savor's own parsers pass over: it is not built for
 * fuzzing, and takes milliseconds for each. corpus/pickle, unit/format/inflate and hostile/command read such files.
 */
#ifndef SV_TESTS_FUZZ_FOREIGN_H
#define SV_TESTS_FUZZ_FOREIGN_H

#include "format/inflate.h"

#include <string.h>

/** Whether libarchive would be asked: compressed, and not by zlib. */
static inline bool is_foreign(sv_str bytes)
{
    const char *kind = sv_inflate_find(bytes);
    return kind && strcmp(kind, "zlib") != 0 && strcmp(kind, "gzip") != 0;
}

#endif
