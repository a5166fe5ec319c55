#include "request/read_json.h"

#include "base/number.h"

#include <math.h>

/* pandas converts the column index as a whole: all labels are numbers, or none is touched. */
static bool label_as_integer(const sv_label *label, int64_t *out)
{
    double value;
    if (sv_label_is_number(label)) {
        *out = label->number;
        return true;
    }
    if (!sv_label_is_text(label))
        return false;
    sv_str text = sv_str_trim(label->text);
    if (text.n && text.p[0] == '+')
        text = (sv_str){text.p + 1, text.n - 1};
    if (!sv_text_to_double(text, &value) || value != floor(value) || fabs(value) >= 0x1p63)
        return false;
    *out = (int64_t)value;
    return true;
}

static void convert_labels(sv_column *columns, size_t n)
{
    int64_t number;
    for (size_t c = 0; c < n; c++)
        if (!label_as_integer(&columns[c].name, &number))
            return;
    for (size_t c = 0; c < n; c++)
        if (label_as_integer(&columns[c].name, &number))
            columns[c].name = sv_label_number(number);
}

static bool ends_with_any_case(sv_str text, const char *suffix)
{
    size_t n = strlen(suffix);
    if (text.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text.p[text.n - n + i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != suffix[i])
            return false;
    }
    return true;
}

static bool is_date_name(const sv_label *name)
{
    static const char *const WHOLE[] = {"modified", "date", "datetime"};
    sv_str text = name->text;
    if (!sv_label_is_text(name))
        return false;
    for (size_t i = 0; i < sizeof WHOLE / sizeof WHOLE[0]; i++)
        if (text.n == strlen(WHOLE[i]) && ends_with_any_case(text, WHOLE[i]))
            return true;
    return ends_with_any_case(text, "_at") || ends_with_any_case(text, "_time") ||
           (text.n >= 9 && ends_with_any_case((sv_str){text.p, 9}, "timestamp"));
}

#define FIRST_STAMP_S 31536000.0 /* numbers up to one year of seconds are not taken for dates */

/* How many nanoseconds one step of the column's unit is: the first unit in which every value fits; 0: no dates. */
static double find_unit(const sv_column *column, size_t n_rows)
{
    static const double UNITS_NS[] = {1e9, 1e6, 1e3, 1};
    double value, largest = 0;
    for (size_t r = 0; r < n_rows; r++) {
        if (!sv_column_to_double(column, r, &value) || (value == value && !(value > FIRST_STAMP_S)))
            return 0;
        if (value > largest)
            largest = value;
    }
    for (size_t i = 0; i < sizeof UNITS_NS / sizeof UNITS_NS[0]; i++)
        if (largest * UNITS_NS[i] < 0x1p63)
            return UNITS_NS[i];
    return 0;
}

static savor_status convert_dates(sv_column *column, size_t n_rows, sv_arena *arena, savor_error *err)
{
    char kind = sv_dtype_kind(column->dtype);
    double unit_ns = n_rows && (kind == 'i' || kind == 'u' || kind == 'f') ? find_unit(column, n_rows) : 0;
    if (unit_ns == 0)
        return SAVOR_OK;
    int64_t *data = sv_column_alloc(arena, SAVOR_DATETIME_NS, n_rows);
    if (!data)
        return sv_arena_fail(arena, n_rows * sizeof *data, err);
    for (size_t r = 0; r < n_rows; r++) {
        double value = 0;
        (void)sv_column_to_double(column, r, &value);
        data[r] = value != value ? SV_NAT : (int64_t)(value * unit_ns);
    }
    column->dtype = SAVOR_DATETIME_NS;
    column->data = data;
    return SAVOR_OK;
}

/* fillna(NaN) on an object column: None becomes NaN, and a column with nothing else becomes float64. */
static savor_status fill_missing(sv_column *column, size_t n_rows, sv_arena *arena, savor_error *err)
{
    const sv_value *from = column->data;
    size_t n_missing = 0;
    for (size_t r = 0; r < n_rows; r++)
        n_missing += sv_value_is_missing(&from[r]);
    if (n_missing == 0)
        return SAVOR_OK;
    bool all_missing = n_missing == n_rows;
    savor_dtype dtype = all_missing ? SAVOR_FLOAT64 : SAVOR_OBJECT;
    void *data = sv_column_alloc(arena, dtype, n_rows);
    if (!data)
        return sv_arena_fail(arena, n_rows * sv_dtype_size(dtype), err);
    for (size_t r = 0; r < n_rows; r++) {
        if (all_missing)
            ((double *)data)[r] = (double)NAN;
        else if (sv_value_is_missing(&from[r]))
            ((sv_value *)data)[r] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN};
        else
            ((sv_value *)data)[r] = from[r];
    }
    column->dtype = dtype;
    column->data = data;
    return SAVOR_OK;
}

savor_status sv_read_json_convert(sv_column *columns, const sv_frame *frame, bool has_schema, sv_arena *arena,
                                  savor_error *err)
{
    savor_status st = SAVOR_OK;
    convert_labels(columns, frame->n_columns);
    for (size_t c = 0; !st && !has_schema && c < frame->n_columns; c++) {
        if (is_date_name(&columns[c].name))
            st = convert_dates(&columns[c], frame->n_rows, arena, err);
        if (!st && columns[c].dtype == SAVOR_OBJECT)
            st = fill_missing(&columns[c], frame->n_rows, arena, err);
    }
    return st;
}
