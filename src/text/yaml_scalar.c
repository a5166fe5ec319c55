/* yaml_scalar.c: a tagged scalar -> its value. Source: PyYAML constructor.py, SafeConstructor. */
#include "base/alloc.h"
#include "text/yaml_priv.h"

static savor_status read_text(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    (void)arena;
    (void)err;
    node->kind = SV_NODE_STRING;
    node->text = text;
    return SAVOR_OK;
}

static savor_status read_null(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    (void)text;
    (void)arena;
    (void)err;
    node->kind = SV_NODE_NULL;
    return SAVOR_OK;
}

/* ASCII letters in any case. */
static bool is_word(sv_str text, const char *lower)
{
    size_t i = 0;
    for (; i < text.n && lower[i]; i++) {
        char c = text.p[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != lower[i])
            return false;
    }
    return i == text.n && !lower[i];
}

static savor_status read_bool(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    static const struct {
        const char *word;
        bool value;
    } WORDS[] = {{"yes", true}, {"no", false}, {"true", true}, {"false", false}, {"on", true}, {"off", false}};
    (void)arena;
    node->kind = SV_NODE_BOOL;
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (is_word(text, WORDS[i].word)) {
            node->i = WORDS[i].value;
            return SAVOR_OK;
        }
    }
    return sv_fail(err, SAVOR_FORMAT, "expected a boolean, got \"%.*s\"", SV_FMT(text));
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* As CPython's binascii.a2b_base64: bytes outside the alphabet are skipped; false for wrong padding. */
static bool decode_base64(sv_str text, char *out, size_t *n)
{
    uint32_t bits = 0;
    unsigned in_quad = 0, pads = 0;
    *n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '=') {
            if (in_quad >= 2 && in_quad + ++pads >= 4)
                return true;
            continue;
        }
        int value = base64_value(text.p[i]);
        if (value < 0)
            continue;
        pads = 0;
        bits = bits << 6 | (uint32_t)value;
        in_quad = (in_quad + 1) & 3;
        if (in_quad != 1)
            out[(*n)++] = (char)(bits >> (in_quad ? 8 - 2 * in_quad : 0));
    }
    return in_quad == 0;
}

savor_status sv_yaml_binary_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80)
            return sv_fail(err, SAVOR_FORMAT, "binary data was not base64: it held a non-ASCII character");
    }
    char *bytes = sv_arena_alloc(arena, text.n + 1);
    if (!bytes)
        return sv_arena_fail(arena, text.n + 1, err);
    node->kind = SV_NODE_BINARY;
    node->text.p = bytes;
    if (!decode_base64(text, bytes, &node->text.n))
        return sv_fail(err, SAVOR_FORMAT, "binary data was not base64: its padding was wrong");
    return SAVOR_OK;
}

typedef savor_status (*scalar_reader)(sv_str, sv_arena *, sv_node *, savor_error *);

savor_status sv_yaml_scalar_read(yaml_tag tag, sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    static const scalar_reader READ[] = {
        [YAML_TAG_STR] = read_text,
        [YAML_TAG_NULL] = read_null,
        [YAML_TAG_BOOL] = read_bool,
        [YAML_TAG_INT] = sv_yaml_int_read,
        [YAML_TAG_FLOAT] = sv_yaml_float_read,
        [YAML_TAG_TIMESTAMP] = sv_yaml_timestamp_read,
        [YAML_TAG_BINARY] = sv_yaml_binary_read,
    };
    return READ[tag](text, arena, node, err);
}
