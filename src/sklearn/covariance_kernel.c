#include "sklearn/covariance_kernel.h"

#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/pairwise_kernel.h"

#include <math.h>

#define DEPTH_MAX 64
#define KERNELS_MAX 4096 /* in one tree; a file may use one object many times */

typedef struct kernel_reader {
    sv_loader *loader;
    size_t n_features, n_kernels, depth;
} kernel_reader;

static savor_status read_kernel(kernel_reader *reader, const sv_record *object, const sv_covariance **out,
                                savor_error *err);

/* ---- parts ---- */

static savor_status read_member(kernel_reader *reader, const sv_record *object, const char *name,
                                const sv_covariance **out, savor_error *err)
{
    const sv_record *member;
    savor_status st = sv_attr_get(object, name, &member, err);
    return st ? st : read_kernel(reader, member, out, err);
}

static savor_status read_scales(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    sv_tensor scales;
    savor_status st = sv_attr_doubles(reader->loader, object, "length_scale", &scales, err);
    if (st)
        return st;
    if (scales.n_items != 1 && scales.n_items != reader->n_features)
        return sv_attr_fail(object, "length_scale", "not one number, or one for each feature", err);
    k->n_scales = scales.n_items;
    k->scales = scales.data;
    return SAVOR_OK;
}

/* ---- classes ---- */

typedef savor_status (*kernel_fn)(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err);

static savor_status read_pair(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    savor_status st = read_member(reader, object, "k1", &k->a, err);
    return st ? st : read_member(reader, object, "k2", &k->b, err);
}

static savor_status read_power(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    savor_status st = read_member(reader, object, "kernel", &k->a, err);
    return st ? st : sv_attr_double(object, "exponent", &k->value, err);
}

static savor_status read_constant(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    (void)reader;
    return sv_attr_double(object, "constant_value", &k->value, err);
}

static savor_status read_white(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    (void)reader;
    return sv_attr_double(object, "noise_level", &k->value, err);
}

static savor_status read_dot(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    (void)reader;
    return sv_attr_double(object, "sigma_0", &k->value, err);
}

/* Other values of nu need Bessel functions. */
static savor_status read_matern(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    double nu;
    savor_status st = sv_attr_double(object, "nu", &nu, err);
    if (st)
        return st;
    if (nu == 0.5)
        k->kind = SV_COVARIANCE_MATERN_1_2;
    else if (nu == 1.5)
        k->kind = SV_COVARIANCE_MATERN_3_2;
    else if (nu == 2.5)
        k->kind = SV_COVARIANCE_MATERN_5_2;
    else if (nu != (double)INFINITY)
        return sv_fail(err, SAVOR_UNSUPPORTED, "Matern with nu=%g is not computed, only 0.5, 1.5, 2.5 and inf", nu);
    return read_scales(reader, object, k, err);
}

static savor_status read_rational(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    savor_status st = sv_attr_double(object, "alpha", &k->value, err);
    return st ? st : read_scales(reader, object, k, err);
}

static savor_status read_periodic(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    savor_status st = sv_attr_double(object, "periodicity", &k->value, err);
    return st ? st : read_scales(reader, object, k, err);
}

static savor_status read_pairwise(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    if (!sv_record_is_none(sv_record_find(object, "pairwise_kernels_kwargs")))
        return sv_fail(err, SAVOR_UNSUPPORTED, "PairwiseKernel with pairwise_kernels_kwargs is not computed");
    return sv_pairwise_read(object, "metric", reader->n_features, &k->pairwise, err);
}

static const struct {
    const char *name;
    sv_covariance_kind kind;
    kernel_fn read;
} KERNELS[] = {
    {"ConstantKernel", SV_COVARIANCE_CONSTANT, read_constant},
    {"DotProduct", SV_COVARIANCE_DOT, read_dot},
    {"ExpSineSquared", SV_COVARIANCE_PERIODIC, read_periodic},
    {"Exponentiation", SV_COVARIANCE_POWER, read_power},
    {"Matern", SV_COVARIANCE_MATERN_INF, read_matern},
    {"PairwiseKernel", SV_COVARIANCE_PAIRWISE, read_pairwise},
    {"Product", SV_COVARIANCE_PRODUCT, read_pair},
    {"RBF", SV_COVARIANCE_RBF, read_scales},
    {"RationalQuadratic", SV_COVARIANCE_RATIONAL, read_rational},
    {"Sum", SV_COVARIANCE_SUM, read_pair},
    {"WhiteKernel", SV_COVARIANCE_WHITE, read_white},
};

/* ---- the tree ---- */

static savor_status fill_kernel(kernel_reader *reader, const sv_record *object, sv_covariance *k, savor_error *err)
{
    sv_global cls = sv_record_class(object);
    for (size_t i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++)
        if (sv_record_is(object, "sklearn", KERNELS[i].name)) {
            k->kind = KERNELS[i].kind;
            return KERNELS[i].read(reader, object, k, err);
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "the kernel %.*s.%.*s of a Gaussian process is not known",
                   SV_FMT(cls.module), SV_FMT(cls.name));
}

static savor_status read_kernel(kernel_reader *reader, const sv_record *object, const sv_covariance **out,
                                savor_error *err)
{
    sv_covariance *k = sv_arena_array(reader->loader->arena, 1, sizeof *k);
    savor_status st;
    if (!k)
        return sv_arena_fail(reader->loader->arena, sizeof *k, err);
    if (++reader->n_kernels > KERNELS_MAX || reader->depth >= DEPTH_MAX)
        return sv_fail(err, SAVOR_LIMIT, "a Gaussian process had more than %d kernels or %d levels of them",
                       KERNELS_MAX, DEPTH_MAX);
    reader->depth++;
    st = fill_kernel(reader, object, k, err);
    reader->depth--;
    *out = k;
    return st;
}

savor_status sv_covariance_load(sv_loader *loader, const sv_record *object, const char *name, size_t n_features,
                                const sv_covariance **out, savor_error *err)
{
    kernel_reader reader = {.loader = loader, .n_features = n_features};
    *out = NULL;
    return read_member(&reader, object, name, out, err);
}
