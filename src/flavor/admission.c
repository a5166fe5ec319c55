#include "flavor/admission.h"

#include "model/digest.h"

#define PREFIX "sha256:"

static sv_str next_hash(sv_str *list)
{
    size_t n = sv_str_find(*list, ','), skip = n < list->n ? n + 1 : n;
    sv_str one = sv_str_trim((sv_str){list->p, n});
    *list = (sv_str){list->p + skip, list->n - skip};
    if (sv_str_starts(one, SV_STR(PREFIX)))
        one = (sv_str){one.p + sizeof PREFIX - 1, one.n - (sizeof PREFIX - 1)};
    return one;
}

static bool is_same(sv_str hash, const char *digest)
{
    for (size_t i = 0; i < hash.n && i < SV_SHA256_HEX; i++)
        if (sv_hex_digit(hash.p[i]) < 0 || sv_hex_digit(hash.p[i]) != sv_hex_digit(digest[i]))
            return false;
    return hash.n == SV_SHA256_HEX;
}

static savor_status refuse_other(const char *admitted, const char *digest, sv_str what, savor_error *err)
{
    sv_str left = sv_str_of(admitted), first = next_hash(&left);
    size_t n_more = 0;
    for (; left.n; n_more++)
        (void)next_hash(&left);
    if (n_more)
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "the model's sha256 is %s, and code runs only of %.*s and %zu more; not run: %.*s", digest,
                       SV_FMT(sv_str_cut(first, SV_SHA256_HEX)), n_more, SV_FMT(what));
    return sv_fail(err, SAVOR_UNSUPPORTED, "the model's sha256 is %s, and code runs only of %.*s; not run: %.*s",
                   digest, SV_FMT(sv_str_cut(first, SV_SHA256_HEX)), SV_FMT(what));
}

savor_status sv_code_admit(const sv_dir *dir, sv_str what, const sv_flavor_limits *limits,
                           char digest[SV_SHA256_HEX + 1], savor_error *err)
{
    savor_error why = {.status = SAVOR_OK};
    savor_status st = sv_model_digest(dir, digest, &why);
    if (st == SAVOR_NOMEM)
        return sv_fail_nomem(err, SV_SHA256_HEX);
    if (limits->code_refused_by && st)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s forbids the code that would run: %.*s", limits->code_refused_by,
                       SV_FMT(what));
    if (limits->code_refused_by)
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "the model's sha256 is %s, and %s forbids the code that would run: %.*s", digest,
                       limits->code_refused_by, SV_FMT(what));
    if (!limits->code_admitted)
        return SAVOR_OK;
    if (st)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the model has no sha256 that could admit its code: %s; not run: %.*s",
                       why.message, SV_FMT(what));
    for (sv_str left = sv_str_of(limits->code_admitted); left.n;)
        if (is_same(next_hash(&left), digest))
            return SAVOR_OK;
    return refuse_other(limits->code_admitted, digest, what, err);
}
