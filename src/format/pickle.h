/*
 * pickle.h: a Python pickle, protocols 0 to 5 -> inert records. Nothing is imported, called or run: a class is its
 * name, a call is what would have been called with what.
 *
 * Also what joblib writes: raw arrays inside the pickle, and the whole of it compressed. See docs/formats/pickle.md.
 */
#ifndef SV_FORMAT_PICKLE_H
#define SV_FORMAT_PICKLE_H

#include "format/pickle_globals.h"
#include "format/record.h"

/**
 * Read the first pickle in `bytes`; what lies behind it is not looked at, as pickle.load has it.
 *
 * bytes     borrowed for the call, or as long as the records if limits->is_borrowing
 * limits    NULL: SV_RECORD_LIMITS
 * arena     gets everything; the records are as large as its maximum allows
 * out       the object; borrowed from the arena; NULL on failure
 * Errors    FORMAT (the message names the byte), UNSUPPORTED (buffers outside the file, extension codes, arrays in
 *           files of their own), LIMIT, NOMEM
 * Threads   safe
 * Source    CPython Lib/pickle.py, Modules/_pickle.c (behaviour); joblib numpy_pickle.py; docs/formats/pickle.md
 */
savor_status sv_pickle_read(sv_str bytes, const sv_record_limits *limits, sv_arena *arena, const sv_record **out,
                            savor_error *err) SAVOR_MUST_CHECK;

/** A name that a pickle refers to. */
typedef struct sv_global_use {
    sv_global global;
    sv_global_kind kind;
    size_t n_uses; /* how often the file spells it out; what its memo repeats is not counted */
} sv_global_use;

/** Each name once, in the order of the file. */
typedef struct sv_global_list {
    size_t n;
    const sv_global_use *uses;
} sv_global_list;

/**
 * The names of classes and functions that reading the pickle in Python would import.
 *
 * bytes, limits, arena   as above
 * out       on failure too: the names up to the fault
 * Errors    as above
 */
savor_status sv_pickle_list_globals(sv_str bytes, const sv_record_limits *limits, sv_arena *arena,
                                    sv_global_list *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
