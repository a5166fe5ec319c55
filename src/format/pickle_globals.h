/* pickle_globals.h: what the names in a pickle are: those that model files hold, those that nobody knows, and those
 * that no honest model needs. */
#ifndef SV_FORMAT_PICKLE_GLOBALS_H
#define SV_FORMAT_PICKLE_GLOBALS_H

#include "format/record.h"

typedef enum sv_global_kind {
    SV_GLOBAL_KNOWN,     /* of a library that saves models, and harmless when called with what it was saved with */
    SV_GLOBAL_UNKNOWN,   /* nobody said so */
    SV_GLOBAL_DANGEROUS, /* runs programs or code, opens files or connections, or finds what does */
} sv_global_kind;

/**
 * Classify a name by the tables of pickle_globals.c; known is an allow-list.
 *
 * global    as Python 3 spells it; a name with dots ("os.system" of an innocent module) is never known
 */
sv_global_kind sv_global_classify(sv_global global);

/** "known", "unknown", "dangerous". */
const char *sv_global_kind_name(sv_global_kind kind);

#endif
