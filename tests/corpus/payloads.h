/* payloads.h: frames, arrays and values as the recorded cases describe them <-> the payloads of libsavor. */
#ifndef TESTS_CORPUS_PAYLOADS_H
#define TESTS_CORPUS_PAYLOADS_H

#include "data/payload.h"
#include "text/json.h"

#define PAYLOAD_WHY_MAX 240

/** The payload of a description; false for one that libsavor has no form for (complex numbers, Int64, ...). */
bool payload_read(const sv_json *description, sv_arena *arena, sv_payload *out);

/** Whether `got` is what the description says; else `why` (PAYLOAD_WHY_MAX bytes) tells where they part. */
bool payload_same(const sv_json *want, const sv_payload *got, char *why);

/** One Python value against its description. */
bool payload_same_value(const sv_json *want, const sv_value *got);

#endif
