/* accept.h: an Accept header -> the form of the answer, and answers that are tables in forms other than JSON. */
#ifndef SV_SCORE_ACCEPT_H
#define SV_SCORE_ACCEPT_H

#include "base/buf.h"
#include "data/payload.h"

typedef enum sv_answer_form { SV_ANSWER_JSON, SV_ANSWER_CSV, SV_ANSWER_ARROW } sv_answer_form;

/**
 * The form that a client likes best: the highest q, of equal ones a type that is named before one that a wildcard
 * covers, then the first. JSON for whatever else is asked for: MLflow ignores the header.
 *
 * header    the raw value; p == NULL: none
 * Source    RFC 9110, 12.5.1; docs/server.md
 */
sv_answer_form sv_accept_read(sv_str header);

/** The Content-Type of a form. */
const char *sv_answer_type(sv_answer_form form);

/**
 * Append an answer as CSV or Arrow: a frame as it is, an array of one or two dimensions as columns "0", "1" ...
 *
 * form      not JSON
 * arena     scratch
 * out       failures stick: sv_buf_check tells them
 * returns   false, and nothing is appended, when the answer is no table: JSON then
 */
bool sv_table_answer_write(const sv_payload *answer, sv_answer_form form, sv_arena *arena, sv_buf *out);

#endif
