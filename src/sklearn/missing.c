#include "sklearn/missing.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"

bool sv_is_missing(double marker, double x) { return marker != marker ? x != x : x == marker; }

savor_status sv_missing_read(const sv_record *object, double *out, savor_error *err)
{
    sv_global cls = sv_record_class(object);
    if (sv_record_to_double(sv_record_find(object, "missing_values"), out))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "%.*s with missing_values that are no number is not known",
                   SV_FMT(cls.name));
}

savor_status sv_flagged_read(sv_loader *loader, const sv_record *indicator, size_t n_columns, size_t *n_flags,
                             const size_t **flagged, savor_error *err)
{
    sv_tensor features;
    size_t *list;
    savor_status st = sv_attr_doubles(loader, indicator, "features_", &features, err);
    if (st)
        return st;
    if (!(list = sv_arena_array(loader->arena, features.n_items, sizeof *list)))
        return sv_arena_fail(loader->arena, features.n_items * sizeof *list, err);
    for (size_t i = 0; i < features.n_items; i++) {
        double at = ((const double *)features.data)[i];
        if (!(at >= 0 && at < (double)n_columns))
            return sv_attr_fail(indicator, "features_", "a column that was not there", err);
        list[i] = (size_t)at;
    }
    *flagged = list;
    *n_flags = features.n_items;
    return SAVOR_OK;
}
