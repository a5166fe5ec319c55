/* describe.h: a signature in the languages in which programs describe data to one another. */
#ifndef SV_MODEL_DESCRIBE_H
#define SV_MODEL_DESCRIBE_H

#include "model/mlmodel.h"

/**
 * Append JSON Schemas as members of an object: "Request", "Response", "Row" of a frame, "Params" when there are any.
 *
 * era       whose forms of requests and answers
 * refs      where the members stand, such as "#/$defs/"
 * Source    JSON Schema draft 2020-12; MLflow scoring_server
 */
void sv_describe_json(const sv_signature *signature, sv_era era, const char *refs, sv_buf *out);

/** Append proto3 messages: Request, Response, Row, Params. Source: the Protocol Buffers language specification. */
void sv_describe_proto(const sv_signature *signature, sv_buf *out);

/** Whether every input is a column of plain values: then CSV is a form of the request. */
bool sv_signature_takes_csv(const sv_signature *signature);

#endif
