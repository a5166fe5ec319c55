/*
 * pickle.h: a Python pickle, protocols 0 to 5 -> inert records. Nothing is imported, called or run: a class is its
 * name, a call is what would have been called with what.
 *
 * Also what joblib writes: raw arrays inside the pickle. See docs/formats/pickle.md.
 */
#ifndef SV_FORMAT_PICKLE_H
#define SV_FORMAT_PICKLE_H

#include "format/record.h"

/**
 * Read the first pickle in `bytes`; what lies behind it is not looked at, as pickle.load has it.
 *
 * bytes     borrowed for the call
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

#endif
