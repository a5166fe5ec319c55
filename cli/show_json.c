/* show_json.c: a cursor over JSON text, and the layout for people. */
#include "show_json.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MAX_COLUMNS = 12, MAX_CELL = 400, MAX_DEPTH = 12, STEP = 2 };

static const char *skip_blanks(const char *p) { return p + strspn(p, " \t\r\n"); }

static const char *string_end(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && p[1])
            p++;
    return *p ? p + 1 : p;
}

static int is_nested(const char *value) { return *value == '{' || *value == '['; }

/* The first byte behind a value. */
static const char *value_end(const char *p)
{
    size_t depth = 0;
    if (*p == '"')
        return string_end(p);
    if (!is_nested(p))
        return p + strcspn(p, ",]} \t\r\n");
    do {
        if (*p == '"') {
            p = string_end(p);
            continue;
        }
        if (is_nested(p))
            depth++;
        else if (*p == '}' || *p == ']')
            depth--;
        p++;
    } while (*p && depth);
    return p;
}

/* Step to the first or next item of an array or object; NULL behind the last. `p` is '[', '{' or an item's end. */
static const char *next_item(const char *p)
{
    p = skip_blanks(p);
    if (*p == '[' || *p == '{' || *p == ',')
        p = skip_blanks(p + 1);
    return *p && *p != ']' && *p != '}' ? p : NULL;
}

/* The value that belongs to the key at `key`. */
static const char *value_of(const char *key)
{
    const char *p = skip_blanks(string_end(key));
    return skip_blanks(*p == ':' ? p + 1 : p);
}

const char *cli_json_find(const char *json, const char *key)
{
    size_t n = strlen(key);
    const char *p = skip_blanks(json);
    if (*p != '{')
        return NULL;
    while ((p = next_item(p))) {
        const char *value = value_of(p);
        if (strncmp(p + 1, key, n) == 0 && p[n + 1] == '"')
            return value;
        p = value_end(value);
    }
    return NULL;
}

static unsigned hex4(const char *p)
{
    unsigned c = 0;
    for (int i = 0; i < 4 && p[i]; i++) {
        static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
        const char *d = strchr(DIGITS, p[i]);
        c = c * 16 + (d ? (unsigned)(d - DIGITS) % 16 : 0);
    }
    return c;
}

static size_t put_utf8(unsigned c, char *out)
{
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* \uXXXX at `p` (at its 'u'). Letters come out as letters; controls (C1 too) and lone surrogates stay escapes. */
static const char *put_unicode(const char *p, char *out, size_t *n)
{
    unsigned c = hex4(p + 1), low;
    size_t used = 5;
    if (c >= 0xd800 && c < 0xdc00 && strlen(p) >= 11 && p[5] == '\\' && p[6] == 'u') {
        low = hex4(p + 7);
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            used = 11;
        }
    }
    if (c < 0xa0 || (c >= 0xd800 && c < 0xe000) || (c >= 0x2028 && c <= 0x202e) || strlen(p) < 5)
        *n = (size_t)snprintf(out, 8, "\\u%04x", c & 0xffff);
    else
        *n = put_utf8(c, out);
    return p + used;
}

/* One character of a JSON string at `p`, as it may go to a terminal. Returns what follows it. */
static const char *put_character(const char *p, char *out, size_t *n)
{
    *n = 1;
    if (*p != '\\') {
        int is_c1 = (unsigned char)*p == 0xc2 && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0;
        *out = (unsigned char)*p < 0x20 || *p == 0x7f || is_c1 ? '?' : *p;
        return p + 1 + is_c1;
    }
    p++;
    if (*p == 'u')
        return put_unicode(p, out, n);
    *out = strchr("bfnrt", *p) ? ' ' : *p;
    return *p ? p + 1 : p;
}

static void put_string(const char *p, const char *end, char *out, size_t size)
{
    size_t n = 0, more;
    char piece[8];
    while (p < end) {
        p = put_character(p, piece, &more);
        if (n + more + 1 > size)
            break;
        memcpy(out + n, piece, more);
        n += more;
    }
    out[n] = 0;
}

const char *cli_json_text(const char *value, char *out, size_t size)
{
    const char *end = value_end(value);
    if (*value == '"')
        put_string(value + 1, end - 1, out, size);
    else if (strncmp(value, "null", 4) == 0)
        snprintf(out, size, "none");
    else
        put_string(value, end, out, size);
    return out;
}

/* Columns that text takes on a terminal, near enough: its code points. */
static int width_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

typedef struct table {
    const char *keys[MAX_COLUMNS]; /* as in the text, quotes included */
    int widths[MAX_COLUMNS];
    int n;
} table;

static int same_key(const char *a, const char *b)
{
    size_t n = (size_t)(string_end(a) - a);
    return strncmp(a, b, n) == 0;
}

static int find_column(table *t, const char *key)
{
    char text[MAX_CELL];
    for (int i = 0; i < t->n; i++)
        if (same_key(t->keys[i], key))
            return i;
    if (t->n == MAX_COLUMNS)
        return -1;
    t->keys[t->n] = key;
    t->widths[t->n] = width_of(cli_json_text(key, text, sizeof text));
    return t->n++;
}

static void measure_row(table *t, const char *row)
{
    char text[MAX_CELL];
    for (const char *key = next_item(row); key; key = next_item(value_end(value_of(key)))) {
        int i = find_column(t, key);
        int width = width_of(cli_json_text(value_of(key), text, sizeof text));
        if (i >= 0 && width > t->widths[i])
            t->widths[i] = width;
    }
}

static const char *find_cell(const char *row, const char *key)
{
    for (const char *p = next_item(row); p; p = next_item(value_end(value_of(p))))
        if (same_key(p, key))
            return value_of(p);
    return NULL;
}

/* What stands in column `i` of a row; of the heading when `row` is NULL. */
static const char *cell_text(const table *t, const char *row, int i, char *text, size_t size)
{
    const char *cell = row ? find_cell(row, t->keys[i]) : NULL;
    *text = 0;
    if (!row)
        return cli_json_text(t->keys[i], text, size);
    return cell ? cli_json_text(cell, text, size) : text;
}

static void print_row(const table *t, const char *row, int indent)
{
    char text[MAX_CELL];
    int start = indent, at = 0;
    for (int i = 0; i < t->n; i++) {
        cell_text(t, row, i, text, sizeof text);
        if (*text) /* padding waits for text, so that no line ends in blanks */
            printf("%*s%s", start - at, "", text);
        if (*text)
            at = start + width_of(text);
        start += t->widths[i] + STEP;
    }
    putchar('\n');
}

static void print_table(const char *array, int indent)
{
    table t = {.n = 0};
    for (const char *row = next_item(array); row; row = next_item(value_end(row)))
        measure_row(&t, row);
    print_row(&t, NULL, indent);
    for (const char *row = next_item(array); row; row = next_item(value_end(row)))
        print_row(&t, row, indent);
}

static int is_array_of(const char *array, char kind)
{
    const char *p = *array == '[' ? next_item(array) : NULL;
    if (!p)
        return 0;
    for (; p; p = next_item(value_end(p)))
        if (kind ? *p != kind : is_nested(p))
            return 0;
    return 1;
}

static void print_object(const char *object, int indent, int depth);

/* Items one below the other; what is nested deeper than a table stays JSON. */
static void print_items(const char *array, int indent)
{
    char text[MAX_CELL];
    for (const char *p = next_item(array); p; p = next_item(value_end(p)))
        printf("%*s%s\n", indent, "", cli_json_text(p, text, sizeof text));
}

static void print_value(const char *value, int indent, int depth)
{
    char text[MAX_CELL];
    if (!is_nested(value)) {
        printf(" %s\n", cli_json_text(value, text, sizeof text));
    } else if (!next_item(value)) {
        puts(" none");
    } else if (*value == '{' && depth < MAX_DEPTH) {
        putchar('\n');
        print_object(value, indent + STEP, depth + 1);
    } else {
        putchar('\n');
        if (is_array_of(value, '{'))
            print_table(value, indent + STEP);
        else
            print_items(value, indent + STEP);
    }
}

/* Scalars line up behind the longest key of their object. */
static int key_width(const char *object)
{
    char text[MAX_CELL];
    int width = 0;
    for (const char *p = next_item(object); p; p = next_item(value_end(value_of(p)))) {
        int w = width_of(cli_json_text(p, text, sizeof text));
        if (w > width && !is_nested(value_of(p)))
            width = w;
    }
    return width;
}

static void print_object(const char *object, int indent, int depth)
{
    char text[MAX_CELL];
    int width = key_width(object);
    for (const char *p = next_item(object); p; p = next_item(value_end(value_of(p)))) {
        const char *value = value_of(p);
        printf("%*s%s:", indent, "", cli_json_text(p, text, sizeof text));
        if (!is_nested(value))
            printf("%*s", width > width_of(text) ? width - width_of(text) : 0, "");
        print_value(value, indent, depth);
    }
}

void cli_show_json(const char *json)
{
    const char *p = skip_blanks(json);
    if (*p == '{')
        print_object(p, 0, 0);
    else
        puts(p);
}
