/*
 * yaml.h: YAML 1.1 as PyYAML's safe loader reads it -> a tree of nodes; and the tree -> the bytes that PyYAML's
 * safe_dump(default_flow_style=False) writes (pure-Python emitter: sorted keys, width 80, ASCII only).
 *
 * A scalar keeps its source text beside the resolved value, so `python_version: 3.10` can be shown as 3.10.
 */
#ifndef SV_TEXT_YAML_H
#define SV_TEXT_YAML_H

#include "base/arena.h"
#include "base/buf.h"

typedef enum sv_node_kind {
    SV_NODE_NULL,
    SV_NODE_BOOL,      /* i is 0 or 1 */
    SV_NODE_INT,       /* i; is_big: does not fit int64, `text` holds its decimal digits */
    SV_NODE_FLOAT,     /* f */
    SV_NODE_STRING,    /* text */
    SV_NODE_TIMESTAMP, /* text is what Python's str() of the date or datetime gives */
    SV_NODE_BINARY,    /* text is the decoded bytes */
    SV_NODE_SEQUENCE,  /* n items */
    SV_NODE_MAPPING,   /* n pairs, keys in order of first appearance; the value of a duplicate key is the last one */
    SV_NODE_SET,       /* n pairs with null values (!!set) */
} sv_node_kind;

typedef struct sv_node sv_node;

typedef struct sv_pair {
    const sv_node *key;
    const sv_node *value;
} sv_pair;

struct sv_node {
    sv_node_kind kind;
    bool is_big;
    uint32_t line, column; /* where it starts in the source, from 1; 0 when it was made in memory */
    size_t n;
    sv_str text;   /* see above; the resolved text */
    sv_str source; /* the scalar as written, before resolving */
    int64_t i;
    double f;
    union {
        const sv_node *const *items;
        const sv_pair *pairs;
    };
};

typedef struct sv_yaml_limits {
    uint32_t depth;
    uint32_t n_nodes;
    uint32_t n_aliases;
} sv_yaml_limits;

#define SV_YAML_LIMITS ((sv_yaml_limits){.depth = 64, .n_nodes = 1000000, .n_aliases = 100})

/**
 * Parse one YAML document.
 *
 * text      borrowed for the call (everything is copied into the arena)
 * limits    depth, nodes, aliases; an alias shares the node it names, so nothing is expanded
 * arena     gets the nodes
 * out       borrowed from the arena; an empty document is a NULL node. NULL on failure
 * Units     none
 * Errors    FORMAT (where = "line L, column C"), LIMIT, NOMEM
 * Threads   safe
 * Source    PyYAML 6 SafeLoader: resolver and constructor; libyaml's events
 */
savor_status sv_yaml_parse(sv_str text, const sv_yaml_limits *limits, sv_arena *arena, const sv_node **out,
                           savor_error *err) SAVOR_MUST_CHECK;

/**
 * Append a tree as PyYAML's safe_dump writes it. A node that stands in two places is written once with an anchor.
 * Keys that Python cannot order against one another (1 and "a") stay as they are.
 *
 * Errors    UNSUPPORTED (a key that is a list or mapping), LIMIT (deeper than SV_YAML_LIMITS, or `out` is full),
 * NOMEM Source    PyYAML 6 representer, serializer, emitter
 */
savor_status sv_yaml_write(const sv_node *node, sv_buf *out, savor_error *err) SAVOR_MUST_CHECK;

/** The value of a text key in a MAPPING; NULL when it is absent or `node` is no MAPPING (NULL allowed). */
const sv_node *sv_node_find(const sv_node *node, const char *key);

/** The text of a STRING, else the source text of any other scalar (numbers as written); empty for NULL, null and
 * containers. */
sv_str sv_node_text(const sv_node *node);

/** Whether the node is absent or null. */
static inline bool sv_node_is_null(const sv_node *node) { return !node || node->kind == SV_NODE_NULL; }

#endif
