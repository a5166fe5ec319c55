#include "sklearn/neighbors.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"

#include <math.h>

static savor_status read_metric(const sv_record *object, sv_neighborhood *out, savor_error *err)
{
    static const struct {
        const char *name;
        sv_metric metric;
    } METRICS[] = {
        {"euclidean", SV_METRIC_EUCLIDEAN}, {"l2", SV_METRIC_EUCLIDEAN},        {"manhattan", SV_METRIC_MANHATTAN},
        {"cityblock", SV_METRIC_MANHATTAN}, {"l1", SV_METRIC_MANHATTAN},        {"chebyshev", SV_METRIC_CHEBYSHEV},
        {"infinity", SV_METRIC_CHEBYSHEV},  {"minkowski", SV_METRIC_MINKOWSKI}, {"p", SV_METRIC_MINKOWSKI},
    };
    sv_str name = sv_attr_text(object, "effective_metric_");
    const sv_record *params = sv_record_find(object, "effective_metric_params_");
    if (!name.p)
        name = sv_attr_text(object, "metric");
    out->p = sv_attr_double_or(params, "p", sv_attr_double_or(object, "p", 2.0));
    for (size_t i = 0; i < sizeof METRICS / sizeof *METRICS; i++)
        if (sv_str_is(name, METRICS[i].name)) {
            out->metric = METRICS[i].metric;
            if (out->metric == SV_METRIC_MINKOWSKI && out->p == 2.0)
                out->metric = SV_METRIC_EUCLIDEAN;
            if (out->metric == SV_METRIC_MINKOWSKI && !sv_record_is_none(sv_record_find(params, "w")))
                break;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "metric=%.*s of neighbors is not known", SV_FMT(name));
}

savor_status sv_neighborhood_load(sv_loader *loader, const sv_record *object, sv_neighborhood *out, savor_error *err)
{
    sv_tensor rows;
    savor_status st = read_metric(object, out, err);
    if (st)
        return st;
    if (sv_record_find(sv_record_find(object, "_fit_X"), "indptr"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "neighbors among sparse rows are not known");
    if ((st = sv_attr_matrix(loader, object, "_fit_X", 0, 0, &rows, err)))
        return st;
    if (rows.n_items == 0)
        return sv_attr_fail(object, "_fit_X", "empty", err);
    out->rows = rows.data;
    out->n_rows = rows.shape[0];
    out->n_features = rows.shape[1];
    out->is_brute = sv_record_is_text(sv_record_find(object, "_fit_method"), "brute");
    return SAVOR_OK;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* What rows are ordered by: squared distances where that spares the root. */
static double rank_of(const sv_neighborhood *h, const double *x, double norm, size_t at)
{
    const double *row = h->rows + at * h->n_features;
    if (h->metric != SV_METRIC_EUCLIDEAN)
        return sv_distance(h->metric, h->p, x, row, h->n_features);
    if (!h->is_brute)
        return sv_distance_squared(x, row, h->n_features);
    double d = norm - 2.0 * dot(x, row, h->n_features) + dot(row, row, h->n_features);
    return d > 0.0 ? d : 0.0;
}

static double distance_of(const sv_neighborhood *h, double rank)
{
    return h->metric == SV_METRIC_EUCLIDEAN ? sqrt(rank) : rank;
}

void sv_neighborhood_nearest(const sv_neighborhood *h, const double *x, size_t k, sv_neighbor *out)
{
    double norm = h->is_brute ? dot(x, x, h->n_features) : 0.0;
    size_t n = 0;
    for (size_t i = 0; i < h->n_rows; i++) {
        double rank = rank_of(h, x, norm, i);
        size_t to = n < k ? n++ : k;
        if (to == k) {
            if (!(rank < out[k - 1].distance))
                continue;
            to = k - 1;
        }
        for (; to > 0 && rank < out[to - 1].distance; to--) /* few: kept in order by insertion */
            out[to] = out[to - 1];
        out[to] = (sv_neighbor){rank, i};
    }
    for (size_t i = 0; i < n; i++)
        out[i].distance = distance_of(h, out[i].distance);
}

size_t sv_neighborhood_within(const sv_neighborhood *h, const double *x, double radius, sv_neighbor *out)
{
    double norm = h->is_brute ? dot(x, x, h->n_features) : 0.0;
    size_t n = 0;
    for (size_t i = 0; i < h->n_rows; i++) {
        double distance = distance_of(h, rank_of(h, x, norm, i));
        if (distance <= radius)
            out[n++] = (sv_neighbor){distance, i};
    }
    return n;
}
