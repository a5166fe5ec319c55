#include "engine/catboost_ctr.h"

#include <string.h>

#define NO_ROW SIZE_MAX

static bool is_mean(sv_ctr_type type) { return type == SV_CTR_BINARIZED_MEAN || type == SV_CTR_FLOAT_MEAN; }
static bool is_count(sv_ctr_type type) { return type == SV_CTR_COUNTER || type == SV_CTR_FEATURE_FREQ; }

/* CatBoost takes two columns for Borders of up to two classes, whatever the table says. */
size_t sv_ctr_row_width(sv_ctr_type type, size_t n_classes)
{
    if (is_mean(type))
        return 2;
    if (is_count(type))
        return 1;
    return type == SV_CTR_BORDERS && n_classes < 2 ? 2 : n_classes;
}

savor_status sv_ctr_table_check(const sv_ctr_table *t, savor_error *err)
{
    if (t->type < SV_CTR_BORDERS || t->type > SV_CTR_FEATURE_FREQ)
        return sv_fail(err, SAVOR_FORMAT, "CTR type was %d, expected 0 to 5", (int)t->type);
    if (t->n_places == 0 || (t->n_places & (t->n_places - 1)) != 0)
        return sv_fail(err, SAVOR_FORMAT, "CTR table had %zu places, expected a power of two", t->n_places);
    for (size_t i = 0; i < t->n_places; i++)
        if (t->hashes[i] != SV_CTR_NO_HASH && t->rows[i] >= t->n_rows)
            return sv_fail(err, SAVOR_FORMAT, "CTR table, place %zu: row %u, expected less than %zu", i, t->rows[i],
                           t->n_rows);
    return SAVOR_OK;
}

savor_status sv_ctr_check(const sv_ctr *ctr, savor_error *err)
{
    const sv_ctr_table *t = ctr->table;
    bool needs_border = t->type == SV_CTR_BUCKETS || (t->type == SV_CTR_BORDERS && t->n_classes > 2);
    if (needs_border && (ctr->target_border < 0 || (size_t)ctr->target_border >= t->n_classes))
        return sv_fail(err, SAVOR_FORMAT, "CTR target border was %d, expected 0 to %zu", (int)ctr->target_border,
                       t->n_classes);
    return SAVOR_OK;
}

/* Bounded by the number of places: a damaged table may have no empty one. */
static size_t find_row(const sv_ctr_table *t, uint64_t hash)
{
    size_t mask = t->n_places - 1, at = (size_t)hash & mask;
    for (size_t n = 0; n < t->n_places && t->hashes[at] != SV_CTR_NO_HASH; n++, at = (at + 1) & mask)
        if (t->hashes[at] == hash)
            return t->rows[at];
    return NO_ROW;
}

static float to_number(const sv_ctr *ctr, float count, float total)
{
    float share = (count + ctr->prior) / (total + ctr->prior_weight);
    return (share + ctr->shift) * ctr->scale;
}

/* Sums of counts wrap as the library's do in practice. */
static int32_t sum(const int32_t *counts, size_t n)
{
    uint32_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += (uint32_t)counts[i];
    return (int32_t)total;
}

static float of_mean(const sv_ctr *ctr, size_t row)
{
    float total = 0;
    if (row == NO_ROW)
        return to_number(ctr, 0, 0);
    memcpy(&total, &ctr->table->counts[row * 2], sizeof total);
    return to_number(ctr, total, (float)ctr->table->counts[row * 2 + 1]);
}

static float of_count(const sv_ctr *ctr, size_t row)
{
    int32_t count = row == NO_ROW ? 0 : ctr->table->counts[row];
    return to_number(ctr, (float)count, (float)ctr->table->denominator);
}

static float of_classes(const sv_ctr *ctr, size_t row)
{
    const sv_ctr_table *t = ctr->table;
    size_t width = sv_ctr_row_width(t->type, t->n_classes);
    if (row == NO_ROW)
        return to_number(ctr, 0, 0);
    const int32_t *counts = t->counts + row * width;
    size_t first = (size_t)ctr->target_border;
    if (t->type == SV_CTR_BUCKETS)
        return to_number(ctr, (float)counts[first], (float)sum(counts, width));
    first = t->n_classes > 2 ? first + 1 : 1;
    return to_number(ctr, (float)sum(counts + first, width - first), (float)sum(counts, width));
}

void sv_ctr_compute(const sv_ctr *ctr, const uint64_t *hashes, size_t n, float *out)
{
    sv_ctr_type type = ctr->table->type;
    float (*compute)(const sv_ctr *, size_t) = is_mean(type) ? of_mean : is_count(type) ? of_count : of_classes;
    for (size_t i = 0; i < n; i++)
        out[i] = compute(ctr, find_row(ctr->table, hashes[i]));
}
