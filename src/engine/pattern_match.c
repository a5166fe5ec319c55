/* pattern_match.c: runs the program of a pattern; where it could have gone another way lies on a stack. */
#include "base/alloc.h"
#include "base/unicode.h"
#include "engine/pattern_priv.h"

#define STEPS_MIN 10000000 /* for one text, and for each of its bytes: */
#define STEPS_PER_BYTE 200
#define STACK_MAX 4000000
#define STACK_START 256
#define NOWHERE SIZE_MAX

/* Where to go on when this way fails, and what the group was then. */
typedef struct turn {
    size_t pc, at;
    size_t group[2];
} turn;

typedef struct matcher {
    const sv_pattern *pattern;
    sv_str text;
    sv_arena *arena;
    size_t not_empty_at; /* a match that ends here where it began does not count */
    size_t n_steps, max_steps, n_stack, capacity;
    turn *stack;
    size_t group[2];
    savor_error *err;
} matcher;

static savor_status push(matcher *m, size_t pc, size_t at)
{
    if (m->n_stack == m->capacity) {
        size_t capacity = m->capacity ? 2 * m->capacity : STACK_START;
        turn *stack = capacity <= STACK_MAX ? sv_arena_alloc(m->arena, capacity * sizeof *stack) : NULL;
        if (capacity > STACK_MAX)
            return sv_fail(m->err, SAVOR_LIMIT, "the token pattern kept more than %d ways open", STACK_MAX);
        if (!stack)
            return sv_arena_fail(m->arena, capacity * sizeof *stack, m->err);
        if (m->n_stack)
            memcpy(stack, m->stack, m->n_stack * sizeof *stack);
        m->stack = stack;
        m->capacity = capacity;
    }
    m->stack[m->n_stack++] = (turn){pc, at, {m->group[0], m->group[1]}};
    return SAVOR_OK;
}

static bool item_has(const set_item *item, uint32_t c)
{
    switch (item->kind) {
    case SET_WORD:
        return sv_char_is_word(c) != item->is_not;
    case SET_DIGIT:
        return sv_char_is_digit(c) != item->is_not;
    case SET_SPACE:
        return sv_char_is_space(c) != item->is_not;
    default:
        return c >= item->first && c <= item->last;
    }
}

static bool set_has(const sv_pattern *pattern, const pattern_code *code, uint32_t c)
{
    for (uint32_t i = 0; i < code->n; i++)
        if (item_has(&pattern->items[code->a + i], c))
            return !code->is_not;
    return code->is_not;
}

static size_t back(const matcher *m, size_t at)
{
    do
        at--;
    while (at > 0 && ((unsigned char)m->text.p[at] & 0xc0) == 0x80);
    return at;
}

static bool is_word_at(const matcher *m, size_t at)
{
    uint32_t c;
    if (at >= m->text.n)
        return false;
    (void)sv_utf8_get(m->text.p + at, &c);
    return sv_char_is_word(c);
}

static bool is_line_end(const matcher *m, size_t at) { return m->text.p[at] == '\n'; }

/* Instructions that look and take nothing. */
static bool is_place(const matcher *m, const pattern_code *code, size_t at)
{
    size_t n = m->text.n;
    if (code->op == OP_START)
        return at == 0 || (code->a && is_line_end(m, at - 1));
    if (code->op == OP_END)
        return at == n || (code->a == 1 && at + 1 == n && is_line_end(m, at)) || (code->a == 2 && is_line_end(m, at));
    bool before = at > 0 && is_word_at(m, back(m, at));
    return (before != is_word_at(m, at)) != code->is_not;
}

/* Instructions that take one character: where it ends, or NOWHERE. */
static size_t eat(const matcher *m, const pattern_code *code, size_t at)
{
    uint32_t c;
    bool fits;
    if (at == m->text.n)
        return NOWHERE;
    size_t next = at + sv_utf8_get(m->text.p + at, &c);
    if (code->op == OP_CHAR)
        fits = c == code->a;
    else if (code->op == OP_ANY)
        fits = code->is_not || c != '\n';
    else
        fits = set_has(m->pattern, code, c);
    return fits ? next : NOWHERE;
}

static savor_status run(matcher *m, size_t pc, size_t at, size_t start, size_t *end);

/* What stands in a look has to match, from n characters back; groups inside it keep what they took. */
static savor_status look(matcher *m, size_t pc, size_t at, bool *fits)
{
    const pattern_code *code = &m->pattern->code[pc];
    size_t end = NOWHERE, not_empty_at = m->not_empty_at;
    savor_status st = SAVOR_OK;
    uint32_t left = code->n;
    for (; left && at > 0; left--)
        at = back(m, at);
    m->not_empty_at = NOWHERE;
    if (!left)
        st = run(m, pc + 1, at, at, &end);
    m->not_empty_at = not_empty_at;
    *fits = (end != NOWHERE) != code->is_not;
    return st;
}

/* One step at (pc, at); `*pc` is NOWHERE when this way ends. */
static savor_status step(matcher *m, size_t *pc, size_t *at)
{
    const pattern_code *code = &m->pattern->code[*pc];
    size_t here = *pc;
    bool fits = true;
    savor_status st = SAVOR_OK;
    *pc = here + 1;
    switch (code->op) {
    case OP_SPLIT:
        st = push(m, (size_t)((int64_t)here + code->y), *at);
        *pc = (size_t)((int64_t)here + code->x);
        break;
    case OP_JUMP:
        *pc = (size_t)((int64_t)here + code->x);
        break;
    case OP_SAVE:
        m->group[code->a] = *at;
        break;
    case OP_LOOK:
        st = look(m, here, *at, &fits);
        *pc = here + (size_t)code->x;
        break;
    case OP_BOUNDARY:
    case OP_START:
    case OP_END:
        fits = is_place(m, code, *at);
        break;
    default:
        *at = eat(m, code, *at);
        fits = *at != NOWHERE;
    }
    if (!fits)
        *pc = NOWHERE;
    return st;
}

/* From (pc, at) to the first OP_MATCH; `*end` is NOWHERE when there is none. Looks call it again, as deep as brackets
 * stand in the pattern. */
static savor_status run(matcher *m, size_t pc, size_t at, size_t start, size_t *end)
{
    size_t floor = m->n_stack;
    savor_status st = SAVOR_OK;
    *end = NOWHERE;
    while (!st) {
        bool is_match = pc != NOWHERE && m->pattern->code[pc].op == OP_MATCH;
        if (++m->n_steps > m->max_steps)
            return sv_fail(m->err, SAVOR_LIMIT, "the token pattern took more than %zu steps", m->max_steps);
        if (is_match && !(at == start && at == m->not_empty_at)) {
            *end = at;
            break;
        }
        if (pc != NOWHERE && !is_match) {
            st = step(m, &pc, &at);
            continue;
        }
        if (m->n_stack == floor)
            break;
        turn t = m->stack[--m->n_stack];
        pc = t.pc;
        at = t.at;
        memcpy(m->group, t.group, sizeof t.group);
    }
    m->n_stack = floor;
    return st;
}

/* What findall gives for a match. */
static sv_str taken(const matcher *m, size_t start, size_t end)
{
    if (!m->pattern->n_groups)
        return (sv_str){m->text.p + start, end - start};
    if (m->group[0] == NOWHERE || m->group[1] == NOWHERE || m->group[1] < m->group[0])
        return SV_STR("");
    return (sv_str){m->text.p + m->group[0], m->group[1] - m->group[0]};
}

savor_status sv_pattern_find_all(const sv_pattern *pattern, sv_str text, sv_arena *arena, sv_token_fn each,
                                 void *sink, savor_error *err)
{
    matcher m = {.pattern = pattern, .text = text, .arena = arena, .not_empty_at = NOWHERE, .err = err};
    size_t at = 0;
    m.max_steps = STEPS_MIN + (text.n < SIZE_MAX / STEPS_PER_BYTE / 2 ? text.n * STEPS_PER_BYTE : 0);
    while (at <= text.n) {
        size_t end;
        uint32_t c;
        m.group[0] = m.group[1] = NOWHERE;
        savor_status st = run(&m, 0, at, at, &end);
        if (!st && end != NOWHERE)
            st = each(sink, taken(&m, at, end), err);
        if (st)
            return st;
        if (end != NOWHERE) { /* after an empty match the next one at this place is not */
            m.not_empty_at = end == at ? at : NOWHERE;
            at = end;
            continue;
        }
        m.not_empty_at = NOWHERE;
        at += at < text.n ? sv_utf8_get(text.p + at, &c) : 1;
    }
    return SAVOR_OK;
}
