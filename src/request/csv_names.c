#include "request/csv_names.h"

#include "base/error.h"

#include <stdio.h>

/* One name of the header, in order of bytes, then of position (unnamed columns last, as pandas visits them). */
typedef struct entry {
    sv_str name;
    size_t order; /* in which pandas visits the columns */
    size_t column;
    size_t count; /* at the first entry of a name: how often it was given out */
} entry;

static bool comes_before(const entry *a, const entry *b)
{
    int c = sv_str_compare(a->name, b->name);
    return c ? c < 0 : a->order < b->order;
}

/* Bottom-up merge sort of n entries through as much room again; the result is in `a`. */
static void sort_entries(entry *a, entry *room, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = low + width < n ? low + width : n, high = middle + width < n ? middle + width : n;
            size_t left = low, right = middle;
            for (size_t k = low; k < high; k++) {
                bool take_right = left == middle || (right < high && comes_before(&a[right], &a[left]));
                room[k] = a[take_right ? right++ : left++];
            }
        }
        memcpy(a, room, n * sizeof *a);
    }
}

/* The first entry of this name, or NULL. */
static entry *find_entry(entry *sorted, size_t n, sv_str name)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sv_str_compare(sorted[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && sv_str_equal(sorted[low].name, name) ? &sorted[low] : NULL;
}

sv_csv_want sv_csv_want_of(sv_type_kind kind)
{
    static const sv_csv_want WANTS[] = {
        [SV_TYPE_BOOLEAN] = SV_CSV_BOOL,  [SV_TYPE_INTEGER] = SV_CSV_INT32,     [SV_TYPE_LONG] = SV_CSV_INT64,
        [SV_TYPE_FLOAT] = SV_CSV_FLOAT32, [SV_TYPE_DOUBLE] = SV_CSV_FLOAT64,    [SV_TYPE_STRING] = SV_CSV_OBJECT,
        [SV_TYPE_BINARY] = SV_CSV_OBJECT, [SV_TYPE_DATETIME] = SV_CSV_DATETIME,
    };
    return kind <= SV_TYPE_DATETIME ? WANTS[kind] : SV_CSV_INFER;
}

bool sv_csv_spec_position(const sv_schema *schema, size_t i, size_t *out)
{
    const sv_spec *spec = &schema->specs[i];
    bool is_number = spec->has_name && sv_label_is_number(&spec->name);
    *out = is_number && spec->name.number > 0 ? (size_t)spec->name.number : i;
    return !spec->has_name || is_number || spec->name.text.n == 0;
}

static savor_status print_name(sv_arena *arena, sv_str *out, savor_error *err, sv_str stem, size_t number)
{
    char digits[24];
    int n_digits = snprintf(digits, sizeof digits, "%zu", number);
    size_t n = stem.n + (size_t)n_digits;
    char *text = sv_arena_alloc(arena, n);
    if (!text)
        return sv_arena_fail(arena, n, err);
    memcpy(text, stem.p, stem.n);
    memcpy(text + stem.n, digits, (size_t)n_digits);
    *out = (sv_str){text, n};
    return SAVOR_OK;
}

/* Names for unnamed columns, and the entries in the order of pandas' visit: named ones first. */
static savor_status list_entries(sv_csv_names *out, const sv_str *header, entry *entries, sv_arena *arena,
                                 savor_error *err)
{
    size_t order = 0;
    for (int unnamed = 0; unnamed < 2; unnamed++) {
        for (size_t i = 0; i < out->n; i++) {
            if ((header[i].n == 0) != (unnamed == 1))
                continue;
            out->names[i] = header[i];
            savor_status st = unnamed ? print_name(arena, &out->names[i], err, SV_STR("Unnamed: "), i) : SAVOR_OK;
            if (st)
                return st;
            entries[order] = (entry){.name = out->names[i], .order = order, .column = i};
            order++;
        }
    }
    return SAVOR_OK;
}

/* The next free "stem.k" for a name that is taken already. */
static savor_status rename_column(sv_csv_names *out, entry *sorted, size_t column, entry *first, sv_arena *arena,
                                  savor_error *err)
{
    sv_str stem;
    char *text = sv_arena_alloc(arena, first->name.n + 1);
    if (!text)
        return sv_arena_fail(arena, first->name.n + 1, err);
    memcpy(text, first->name.p, first->name.n);
    text[first->name.n] = '.';
    stem = (sv_str){text, first->name.n + 1};
    for (;; first->count++) {
        savor_status st = print_name(arena, &out->names[column], err, stem, first->count);
        if (st)
            return st;
        if (!find_entry(sorted, out->n, out->names[column]))
            break;
    }
    first->count++;
    return SAVOR_OK;
}

/* Give each name to the first who has it; `stem_of` remembers whose name a renamed column had. */
static savor_status make_unique(sv_csv_names *out, entry *sorted, size_t *stem_of, bool *has_renamed, sv_arena *arena,
                                savor_error *err)
{
    entry *first = NULL;
    for (size_t i = 0; i < out->n; i++) {
        bool repeats = i > 0 && sv_str_equal(sorted[i].name, sorted[i - 1].name);
        stem_of[sorted[i].column] = repeats ? first->column : sorted[i].column;
        if (!repeats) {
            first = &sorted[i];
            first->count = 1;
            continue;
        }
        *has_renamed = true;
        savor_status st = rename_column(out, sorted, sorted[i].column, first, arena, err);
        if (st)
            return st;
    }
    return SAVOR_OK;
}

static void look_up(sv_csv_names *out, const sv_schema *schema, entry *sorted, const size_t *stem_of)
{
    for (size_t i = 0; schema && i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        size_t position;
        bool is_named = !sv_csv_spec_position(schema, i, &position);
        entry *found = is_named ? find_entry(sorted, out->n, spec->name.text) : NULL;
        if (!found)
            continue;
        out->wants[found->column] = sv_csv_want_of(spec->type.kind);
        out->is_declared[found->column] = true;
    }
    for (size_t i = 0; i < out->n; i++)
        if (!out->is_declared[i] && out->is_declared[stem_of[i]])
            out->wants[i] = out->wants[stem_of[i]];
}

savor_status sv_csv_name_columns(const sv_str *header, size_t n, const sv_schema *schema, sv_arena *arena,
                                 sv_csv_names *out, savor_error *err)
{
    entry *entries = sv_arena_array(arena, n, 2 * sizeof *entries);
    size_t *stem_of = sv_arena_array(arena, n, sizeof *stem_of);
    *out = (sv_csv_names){.n = n};
    out->names = sv_arena_array(arena, n, sizeof *out->names);
    out->wants = sv_arena_array(arena, n, sizeof *out->wants);
    out->is_declared = sv_arena_array(arena, n, sizeof *out->is_declared);
    if (!entries || !stem_of || !out->names || !out->wants || !out->is_declared)
        return sv_arena_fail(arena, n * sizeof *entries, err);
    bool has_renamed = false;
    savor_status st = list_entries(out, header, entries, arena, err);
    if (st)
        return st;
    sort_entries(entries, entries + n, n);
    if ((st = make_unique(out, entries, stem_of, &has_renamed, arena, err)))
        return st;
    for (size_t i = 0; has_renamed && i < n; i++)
        entries[i] = (entry){.name = out->names[i], .column = i};
    if (has_renamed)
        sort_entries(entries, entries + n, n);
    look_up(out, schema, entries, stem_of);
    return SAVOR_OK;
}
