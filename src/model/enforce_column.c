#include "data/convert.h"
#include "data/datetime.h"
#include "data/infer.h"
#include "model/enforce.h"

/* numpy's name of a target type in messages. */
static const char *target_name(sv_type_kind type)
{
    static const char *const NAMES[] = {
        [SV_TYPE_BOOLEAN] = "bool",  [SV_TYPE_INTEGER] = "int32",           [SV_TYPE_LONG] = "int64",
        [SV_TYPE_FLOAT] = "float32", [SV_TYPE_DOUBLE] = "float64",          [SV_TYPE_STRING] = "<U0",
        [SV_TYPE_BINARY] = "|S0",    [SV_TYPE_DATETIME] = "datetime64[ns]",
    };
    return NAMES[type];
}

static const char MISSING_HINT[] = " Hint: the type mismatch is likely caused by missing values. Integer columns in "
                                   "python can not represent missing "
                                   "values and are therefore encoded as floats.";

/* float64 with NaN and otherwise whole numbers, where an integer is declared. */
static bool deserves_hint(const sv_column *column, size_t n_rows, char target_kind)
{
    const double *values = column->data;
    bool has_nan = false;
    if (column->dtype != SAVOR_FLOAT64 || target_kind != 'i')
        return false;
    for (size_t r = 0; r < n_rows; r++) {
        if (values[r] != values[r])
            has_nan = true;
        else if (values[r] - values[r] != 0 || values[r] != __builtin_trunc(values[r]))
            return false;
    }
    return has_nan;
}

static savor_status fail_unsafe(const sv_column *column, size_t n_rows, sv_type_kind type,
                                const sv_enforce_rules *rules, savor_error *err)
{
    char room[24];
    sv_str name = sv_label_show(&column->name, room);
    if (rules->hide_details)
        return sv_fail(err, SAVOR_SCHEMA, "Failed to enforce model input schema. Please check your input data.");
    return sv_fail(err, SAVOR_SCHEMA, "Incompatible input types for column %.*s. Can not safely convert %s to %s.%s",
                   SV_FMT(name), savor_dtype_name(column->dtype), target_name(type),
                   deserves_hint(column, n_rows, sv_dtype_kind(sv_type_dtype(type))) ? MISSING_HINT : "");
}

/* Same kind and no larger; unsigned to a larger signed; integers of at most 6 bytes to double. */
static bool is_upcast(savor_dtype from, savor_dtype to)
{
    char kind = sv_dtype_kind(from), target = sv_dtype_kind(to);
    if (kind == target)
        return sv_dtype_size(from) <= sv_dtype_size(to);
    if (kind == 'u' && target == 'i')
        return sv_dtype_size(from) < sv_dtype_size(to);
    return (kind == 'i' || kind == 'u') && to == SAVOR_FLOAT64 && sv_dtype_size(from) <= 6;
}

/* MLflow 2 lets int64 through to float and double when it holds flags only. */
static bool is_flags(const sv_column *column, size_t n_rows, savor_dtype to)
{
    const int64_t *values = column->data;
    if (column->dtype != SAVOR_INT64 || (to != SAVOR_FLOAT32 && to != SAVOR_FLOAT64))
        return false;
    for (size_t r = 0; r < n_rows; r++)
        if (values[r] != 0 && values[r] != 1)
            return false;
    return true;
}

/* Types that take a column as it is. */
static bool takes_as_is(const sv_column *column, sv_type_kind type, const sv_enforce_rules *rules)
{
    savor_dtype d = column->dtype;
    if (d == sv_type_dtype(type) && d != SAVOR_STRING)
        return true;
    if (type == SV_TYPE_STRING)
        return d == SAVOR_OBJECT || d == SAVOR_STRING;
    if (type == SV_TYPE_BINARY)
        return d == SAVOR_OBJECT || (d == SAVOR_STRING && rules->pandas_major >= 3);
    return type == SV_TYPE_BOOLEAN && d == SAVOR_OBJECT && rules->era != SV_ERA_1;
}

/* What is left an object column goes through to_numeric for double, and astype for datetime. */
static savor_status convert_objects(sv_column *column, size_t n_rows, sv_type_kind type, sv_arena *arena,
                                    savor_error *err)
{
    if (column->dtype != SAVOR_OBJECT)
        return SAVOR_OK;
    if (type == SV_TYPE_DOUBLE)
        return sv_column_to_numeric(column, n_rows, arena, column, err);
    if (type == SV_TYPE_DATETIME)
        return sv_column_to_datetime(column, n_rows, SV_DATETIME_ASTYPE, arena, err);
    return SAVOR_OK;
}

savor_status sv_column_enforce(const sv_column *column, size_t n_rows, sv_type_kind type,
                               const sv_enforce_rules *rules, sv_arena *arena, sv_column *out, savor_error *err)
{
    *out = *column;
    savor_dtype target = sv_type_dtype(type);
    if (type != SV_TYPE_STRING && type != SV_TYPE_BINARY) {
        savor_status st = sv_column_infer(column, n_rows, rules->pandas_major, arena, out, err);
        bool was_object = !st && out->dtype == SAVOR_OBJECT;
        if (!st)
            st = convert_objects(out, n_rows, type, arena, err);
        if (st)
            return st == SAVOR_BAD_REQUEST ? fail_unsafe(column, n_rows, type, rules, err) : st;
        if (was_object && out->dtype != SAVOR_OBJECT)
            return SAVOR_OK; /* to_numeric may give long where double is declared: MLflow passes it on */
    }
    if (takes_as_is(out, type, rules))
        return SAVOR_OK;
    if (is_upcast(out->dtype, target) || (rules->era != SV_ERA_1 && is_flags(out, n_rows, target))) {
        savor_status st = sv_items_cast(out->dtype, out->data, n_rows, target, arena, &out->data, err);
        out->dtype = target;
        return st;
    }
    return fail_unsafe(out, n_rows, type, rules, err);
}
