/* pattern_priv.h: the program that a pattern becomes: pattern.c writes it, pattern_match.c runs it. */
#ifndef SV_ENGINE_PATTERN_PRIV_H
#define SV_ENGINE_PATTERN_PRIV_H

#include "engine/pattern.h"

typedef enum pattern_op {
    OP_CHAR,     /* a: the character */
    OP_SET,      /* a, n: items of the class; is_not */
    OP_ANY,      /* is_not: line ends too */
    OP_SPLIT,    /* go on at x, and at y when that fails */
    OP_JUMP,     /* x */
    OP_SAVE,     /* a: 0 or 1, start and end of the group */
    OP_BOUNDARY, /* \b; is_not: \B */
    OP_START,    /* \A; a: ^ of every line */
    OP_END,      /* \Z; a = 1: $, a = 2: $ of every line */
    OP_LOOK,     /* the program behind it up to OP_MATCH has to match here, n characters back; then on at x */
    OP_MATCH,
} pattern_op;

/** Jumps count from the instruction itself. */
typedef struct pattern_code {
    uint8_t op;
    bool is_not;
    uint32_t a, n;
    int32_t x, y;
} pattern_code;

typedef enum set_kind {
    SET_RANGE,
    SET_WORD,
    SET_DIGIT,
    SET_SPACE,
} set_kind;

typedef struct set_item {
    uint8_t kind;
    bool is_not;
    uint32_t first, last;
} set_item;

struct sv_pattern {
    size_t n_code, n_items, n_groups;
    pattern_code *code;
    set_item *items;
};

#endif
