/*
 * json.h: JSON text -> a flat array of nodes, with the verdicts of Python's json module (NaN, Infinity, big integers,
 * lone surrogates, duplicate keys kept in order); and the writer with Python's json.dumps layout.
 *
 * A value is one node followed by the nodes inside it, so walking needs no recursion: the node after a value is
 * sv_json_next(value). Nothing is copied: text without escapes points into the source.
 */
#ifndef SV_TEXT_JSON_H
#define SV_TEXT_JSON_H

#include "base/arena.h"
#include "base/buf.h"

typedef enum sv_json_kind {
    SV_JSON_NULL,
    SV_JSON_FALSE,
    SV_JSON_TRUE,
    SV_JSON_INT,    /* fits int64: u.i */
    SV_JSON_BIGINT, /* does not: u.p and n are its digits, with '-' */
    SV_JSON_DOUBLE, /* u.f; also NaN, Infinity, -Infinity */
    SV_JSON_STRING, /* u.p and n, UTF-8, lone surrogates as three bytes each; no NUL behind it */
    SV_JSON_ARRAY,  /* n values follow; u.size nodes in all, this one included */
    SV_JSON_OBJECT, /* n pairs follow, each a string and a value; u.size likewise */
} sv_json_kind;

typedef struct sv_json {
    uint8_t kind;      /* sv_json_kind */
    uint8_t is_minus0; /* INT only: written "-0" (pandas' reader tells it apart) */
    uint32_t n;
    union {
        int64_t i;
        double f;
        const char *p;
        size_t size;
    } u;
} sv_json;

/** The elements of an array that a parser is told to expect, as text and as nodes. */
typedef struct sv_json_heading {
    sv_str texts[2];      /* from behind the opening bracket to the closing one */
    const sv_json *nodes; /* [n] strings; they must outlive what is parsed */
    uint32_t n;
} sv_json_heading;

typedef struct sv_json_limits {
    uint32_t depth;                 /* arrays and objects inside one another */
    uint32_t n_digits;              /* of one integer; Python refuses more than 4300 */
    bool is_ujson;                  /* numbers as pandas.read_json read them before pandas 3 (text/ujson.h) */
    bool is_rapidjson;              /* numbers as RapidJSON reads them by default (text/rapidjson.h) */
    const sv_json_heading *heading; /* NULL, or an array that is taken as a whole: the nodes are the same */
} sv_json_limits;

/** What Python's json.loads takes. */
#define SV_JSON_LIMITS ((sv_json_limits){.depth = 1000, .n_digits = 4300})

/** What pandas.read_json (its ujson, precise_float=False) takes. */
#define SV_UJSON_LIMITS ((sv_json_limits){.depth = 1000, .n_digits = 20, .is_ujson = true})

/** Where the text stopped being JSON, as Python's JSONDecodeError tells it. */
typedef struct sv_json_fault {
    const char *message; /* "Expecting value", "Extra data", ...; NULL: memory was short */
    size_t offset;       /* bytes from the start */
} sv_json_fault;

/**
 * Parse one JSON value and blanks around it.
 *
 * text      UTF-8 (the caller has checked it); borrowed: must outlive the nodes
 * limits    depth and digits
 * arena     gets the nodes and the text of strings that held escapes
 * out       the first node, borrowed from the arena. NULL on failure
 * fault     NULL allowed; filled for FORMAT, and for LIMIT when depth or digits were the reason
 * Units     none
 * Errors    FORMAT (not JSON), LIMIT (too deep, too many digits), NOMEM
 * Threads   safe
 * Source    CPython json.decoder, json.scanner
 */
savor_status sv_json_parse(sv_str text, const sv_json_limits *limits, sv_arena *arena, const sv_json **out,
                           sv_json_fault *fault, savor_error *err) SAVOR_MUST_CHECK;

/** The node behind a value and all that is inside it. */
static inline const sv_json *sv_json_next(const sv_json *v) { return v + (v->kind >= SV_JSON_ARRAY ? v->u.size : 1); }

/** The value of the last pair with this key, or NULL; `v` is an OBJECT. */
const sv_json *sv_json_find(const sv_json *v, const char *key);

/** The text of a STRING or the digits of a BIGINT. */
static inline sv_str sv_json_text(const sv_json *v) { return (sv_str){v->u.p, v->n}; }

static inline bool sv_json_is_text(const sv_json *v, const char *text)
{
    return v->kind == SV_JSON_STRING && sv_str_is(sv_json_text(v), text);
}

/** Append a string as Python's json.dumps does: in quotes, ASCII only, \uXXXX with surrogate pairs. */
void sv_json_put_string(sv_buf *out, sv_str s);

/** Append a double as Python's json.dumps does: repr, or NaN, Infinity, -Infinity. */
void sv_json_put_double(sv_buf *out, double value);

/** Append an integer in decimal digits. */
void sv_json_put_int64(sv_buf *out, int64_t value);
void sv_json_put_uint64(sv_buf *out, uint64_t value);

/** Append a parsed value as json.dumps(json.loads(text)) writes it (", " and ": "; last of duplicate keys wins). */
void sv_json_put_value(sv_buf *out, const sv_json *v);

#endif
