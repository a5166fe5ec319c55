/* vectors.h: reading recorded cases (JSON files) and comparing them with what libsavor makes of the same input. */
#ifndef TESTS_CORPUS_VECTORS_H
#define TESTS_CORPUS_VECTORS_H

#include "base/arena.h"
#include "base/buf.h"
#include "text/json.h"
#include "text/yaml.h"

/** Read a whole file into `out`; false with a message on stderr when it cannot be read. */
bool vectors_read(const char *path, sv_buf *out);

/** Whether a YAML node is the value that the vectors describe ({"$dict": ...} and so on). */
bool vectors_equal(const sv_node *node, const sv_json *expected);

/** Make a YAML node of a value that the vectors describe. */
const sv_node *vectors_node(const sv_json *value, sv_arena *arena);

#endif
