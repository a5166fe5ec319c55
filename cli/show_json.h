/*
 * show_json.h: JSON that libsavor wrote, for people: "key: value" lines, tables for lists of objects.
 *
 * It walks the text in place and builds no tree; it trusts the grammar, as the text is our own library's, but not
 * the contents: names from a model cannot move the cursor or colour the terminal.
 */
#ifndef CLI_SHOW_JSON_H
#define CLI_SHOW_JSON_H

#include <stddef.h>

/** Print a JSON object to standard output as indented text. */
void cli_show_json(const char *json);

/** The value of a key of an object, borrowed from the text; NULL when `json` is no object or has no such key. */
const char *cli_json_find(const char *json, const char *key);

/** Write a value as one line of plain text (strings without quotes), cut at `size`; returns `out`. */
const char *cli_json_text(const char *value, char *out, size_t size);

#endif
