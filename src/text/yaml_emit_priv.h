/* yaml_emit_priv.h: the state of PyYAML's emitter, shared by the layout of containers and the writing of scalars. */
#ifndef SV_TEXT_YAML_EMIT_PRIV_H
#define SV_TEXT_YAML_EMIT_PRIV_H

#include "text/yaml_priv.h"

enum { YAML_WIDTH = 80, YAML_INDENT = 2, YAML_SIMPLE_KEY_MAX = 128 };

/** Where the next characters go. Columns and lengths count code points. Source: PyYAML emitter.py */
typedef struct yaml_emitter {
    sv_buf *out;
    int indent; /* -1 before the root */
    size_t column;
    bool is_whitespace; /* the last character was a blank or a line end */
    bool is_indention;  /* nothing but indentation, '-', '?', ':' so far in this line */
    bool is_open_ended; /* the document needs "..." behind it */
} yaml_emitter;

/** Where a node stands. */
typedef struct yaml_context {
    bool is_root, is_mapping, is_simple_key;
} yaml_context;

/** A scalar ready to be written. */
typedef struct yaml_scalar {
    sv_str text;
    yaml_tag tag;
    bool is_literal;                            /* asks for the style '|' */
    bool is_plain_implicit, is_quoted_implicit; /* whether the tag can be left out */
    size_t n_points;
    bool is_multiline, allows_plain, allows_single, allows_literal;
} yaml_scalar;

/** Write "-", ":", a quote, an anchor ...; a blank before it where `needs_blank` and there is none yet. */
void sv_yaml_put_indicator(yaml_emitter *e, const char *text, bool needs_blank, bool is_whitespace,
                           bool is_indention);

/** Start a line, unless one has just been started, and go to the indentation. */
void sv_yaml_put_indent(yaml_emitter *e);

/** Find out which styles the text allows. `text` and `tag` and `is_literal` are set. */
void sv_yaml_scalar_analyze(yaml_scalar *s);

/** Write tag and text in the style that PyYAML chooses. */
void sv_yaml_scalar_put(yaml_emitter *e, const yaml_scalar *s, yaml_context context);

/** The tag as the emitter writes it: "!!int". */
const char *sv_yaml_tag_show(yaml_tag tag);

#endif
