/* yaml_priv.h: what the YAML files of this room share: tags, composed nodes, scalar types. */
#ifndef SV_TEXT_YAML_PRIV_H
#define SV_TEXT_YAML_PRIV_H

#include "text/yaml.h"

/** The tags that PyYAML's safe loader knows; the names follow "tag:yaml.org,2002:". */
#define YAML_TAG_MAP(X)       \
    X(STR, "str")             \
    X(NULL, "null")           \
    X(BOOL, "bool")           \
    X(INT, "int")             \
    X(FLOAT, "float")         \
    X(TIMESTAMP, "timestamp") \
    X(BINARY, "binary")       \
    X(SEQ, "seq")             \
    X(MAP, "map")             \
    X(SET, "set")             \
    X(OMAP, "omap")           \
    X(PAIRS, "pairs")         \
    X(MERGE, "merge")         \
    X(VALUE, "value")

typedef enum yaml_tag {
#define X(name, text) YAML_TAG_##name,
    YAML_TAG_MAP(X)
#undef X
        YAML_TAG_OTHER, /* whatever PyYAML has no constructor for */
} yaml_tag;

typedef enum yaml_raw_kind { YAML_RAW_SCALAR, YAML_RAW_SEQUENCE, YAML_RAW_MAPPING } yaml_raw_kind;

typedef struct yaml_raw yaml_raw;

/** A composed node: tagged, not yet turned into a value. */
struct yaml_raw {
    uint8_t kind; /* yaml_raw_kind */
    uint8_t tag;  /* yaml_tag */
    bool is_open; /* its end has not been seen: an alias to it would be recursive */
    uint32_t line, column;
    uint32_t height;     /* containers inside one another, this one included; 0 for a scalar */
    size_t weight;       /* nodes it would have, were every alias written out */
    sv_str text;         /* scalar: as written; container: empty */
    sv_str tag_text;     /* OTHER: for the message */
    yaml_raw **children; /* MAPPING: key, value, key, value ... */
    size_t n;            /* children; twice the pairs for a MAPPING */
    const sv_node *made; /* the value, once it was constructed: aliases share it */
};

/** Read the events of one document. The nodes live in the arena. `*out` is NULL for an empty stream. */
savor_status sv_yaml_compose(sv_str text, const sv_yaml_limits *limits, sv_arena *arena, yaml_raw **out,
                             savor_error *err) SAVOR_MUST_CHECK;

/** Turn composed nodes into values, as PyYAML's SafeConstructor does. */
savor_status sv_yaml_construct(yaml_raw *raw, sv_arena *arena, const sv_node **out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** The tag that an untagged plain scalar gets (STR when nothing matches). Source: PyYAML resolver.py */
yaml_tag sv_yaml_resolve(sv_str text);

/** The tag of a full tag text such as "tag:yaml.org,2002:int". */
yaml_tag sv_yaml_tag_find(sv_str text);

/**
 * Fill kind, i, f, text of `node` from a scalar of a tag (STR to BINARY). The message has no `where` yet.
 *
 * Errors    FORMAT, NOMEM, LIMIT
 */
savor_status sv_yaml_scalar_read(yaml_tag tag, sv_str text, sv_arena *arena, sv_node *node,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** An integer of base 2, 8, 10, 16 or 60; what does not fit int64 is kept as decimal digits. Errors as above. */
savor_status sv_yaml_int_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err) SAVOR_MUST_CHECK;

/** A float, decimal or base 60, or an infinity or NaN. Errors as above. */
savor_status sv_yaml_float_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err) SAVOR_MUST_CHECK;

/** A date or a moment: text as Python's str() has it, and `i` its microseconds UTC. Errors as above. */
savor_status sv_yaml_timestamp_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err) SAVOR_MUST_CHECK;

/** Base64, as lenient as Python's. Errors as above. */
savor_status sv_yaml_binary_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err) SAVOR_MUST_CHECK;

/** Whether the text is what the resolver takes for a timestamp; `is_explicit`: what the constructor takes. */
bool sv_yaml_timestamp_match(sv_str text, bool is_explicit);

/** Which keys Python can order against one another; equal keys are always of one class. */
typedef enum yaml_key_class {
    YAML_KEY_NULL,
    YAML_KEY_NUMBER,
    YAML_KEY_STRING,
    YAML_KEY_BINARY,
    YAML_KEY_DATE,
    YAML_KEY_NAIVE,
    YAML_KEY_AWARE,
    YAML_KEY_NONE, /* a container: no key at all */
} yaml_key_class;

/** The class of a key; NONE for a container. */
yaml_key_class sv_yaml_key_class_of(const sv_node *key);

/** Order two keys of one class; 0 when Python's == holds. */
int sv_yaml_key_compare(const sv_node *a, const sv_node *b);

/** Equal keys have equal hashes. */
uint64_t sv_yaml_key_hash(const sv_node *key);

#endif
