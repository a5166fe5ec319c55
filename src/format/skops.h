/*
 * skops.h: model.skops, a zip of schema.json and arrays -> the records that a pickle of the same object gives.
 * Nothing is imported or called: a class is a name.
 *
 * Protocols 0 to 2 are read. Sharing is by __id__, as skops has it: two nodes of one id are one record.
 */
#ifndef SV_FORMAT_SKOPS_H
#define SV_FORMAT_SKOPS_H

#include "format/record.h"

/**
 * Read a skops file.
 *
 * bytes     the file; borrowed for the call
 * limits    NULL: SV_RECORD_LIMITS; records in all, and nodes inside one another (at most 1024, more than Python's
 * recursion allows) arena     gets the records, texts and arrays; its maximum also holds for what is unpacked during
 * the call out       the object that was saved; NULL on failure Errors    FORMAT (no zip, no schema.json, a node
 * without its parts), UNSUPPORTED (a newer protocol, a loader, dtype or key that is not known, each by name), LIMIT,
 * NOMEM Threads   safe Source    skops.io of skops 0.3 to 0.16
 */
savor_status sv_skops_read(sv_str bytes, const sv_record_limits *limits, sv_arena *arena, const sv_record **out,
                           savor_error *err) SAVOR_MUST_CHECK;

/**
 * The types and functions that a skops file names, each once, in the order in which they first appear; those that
 * skops trusts by default are among them, the plain values of JSON are not.
 *
 * bytes     borrowed for the call
 * arena     gets the names
 * out       [n_types]; NULL on failure
 * Errors    FORMAT, UNSUPPORTED (a newer protocol), LIMIT, NOMEM
 * Threads   safe
 */
savor_status sv_skops_list_types(sv_str bytes, sv_arena *arena, const sv_global **out, size_t *n_types,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
