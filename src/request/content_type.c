#include "request/content_type.h"

#define PROTOCOL_CHANGE                                                                                              \
    "IMPORTANT: The MLflow Model scoring protocol has changed in MLflow version 2.0. If you are seeing this error, " \
    "send the 2.0 request form or serve with --profile 1.x."

/* Parameters of the header, the last of each name. */
typedef struct parameters {
    sv_str charset, format;
    sv_str unknown; /* the first name that is neither */
    bool has_charset, has_format, has_unknown;
} parameters;

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static sv_str strip(sv_str s)
{
    while (s.n && is_space(s.p[0]))
        s = (sv_str){s.p + 1, s.n - 1};
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Cut the text at the first `c`; `*rest` is what is behind it. */
static sv_str take_part(sv_str text, char c, sv_str *rest)
{
    size_t n = sv_str_find(text, c);
    *rest = n < text.n ? (sv_str){text.p + n + 1, text.n - n - 1} : (sv_str){NULL, 0};
    return (sv_str){text.p, n};
}

static sv_str read_parameters(sv_str header, parameters *out)
{
    sv_str rest, value;
    sv_str type = strip(take_part(header, ';', &rest));
    *out = (parameters){.charset = SV_STR("utf-8")};
    while (rest.p) {
        sv_str key = take_part(strip(take_part(rest, ';', &rest)), '=', &value);
        if (sv_str_is(key, "charset")) {
            out->charset = value;
            out->has_charset = true;
        } else if (sv_str_is(key, "format")) {
            out->format = value;
            out->has_format = true;
        } else if (!out->has_unknown) {
            out->unknown = key;
            out->has_unknown = true;
        }
    }
    return type;
}

static bool is_utf8(sv_str charset)
{
    static const char NAME[] = "utf-8";
    if (charset.n != 5)
        return false;
    for (size_t i = 0; i < 5; i++)
        if ((charset.p[i] >= 'A' && charset.p[i] <= 'Z' ? charset.p[i] + 32 : charset.p[i]) != NAME[i])
            return false;
    return true;
}

/* In whose MLflow a form is known. */
typedef enum known { KNOWN_ALWAYS, KNOWN_ERA_1, KNOWN_HERE } known;

typedef struct form_row {
    const char *type, *format; /* format NULL: none given (or an empty one) */
    sv_form form;
    known known;
} form_row;

static const form_row FORMS[] = {
    {"application/json", NULL, SV_FORM_JSON, KNOWN_ALWAYS},
    {"text/csv", NULL, SV_FORM_CSV, KNOWN_ALWAYS},
    {"application/json", "pandas-split", SV_FORM_SPLIT, KNOWN_ERA_1},
    {"application/json", "pandas-records", SV_FORM_RECORDS, KNOWN_ERA_1},
    {"application/json-numpy-split", NULL, SV_FORM_SPLIT_NUMPY, KNOWN_ERA_1},
    {"application/csv", NULL, SV_FORM_CSV, KNOWN_HERE}, /* what the documentation of MLflow says */
    {"application/vnd.apache.arrow.stream", NULL, SV_FORM_ARROW, KNOWN_HERE},
    {"application/vnd.apache.parquet", NULL, SV_FORM_PARQUET, KNOWN_HERE},
};

static savor_status fail_type(sv_str header, bool with_era_1, savor_error *err)
{
    if (with_era_1)
        return sv_fail(err, SAVOR_MEDIA_TYPE,
                       "This predictor only supports the following content types and formats: Types: ['text/csv', "
                       "'application/json', 'application/json-numpy-split']; Formats: ['pandas-records', "
                       "'pandas-split']. Got '%.*s'.",
                       SV_FMT(header));
    return sv_fail(
        err, SAVOR_MEDIA_TYPE,
        "This predictor only supports the following content types: Types: ['text/csv', 'application/json']. "
        "Got '%.*s'.",
        SV_FMT(header));
}

savor_status sv_content_type_read(sv_str header, const sv_profile *profile, sv_form *out, savor_error *err)
{
    bool era_1 = profile->era == SV_ERA_1, takes_era_1 = era_1 || !profile->is_forced;
    parameters params;
    if (!header.p && profile->is_forced) /* MLflow splits a null value */
        return sv_fail(err, SAVOR_UNREADABLE, "the request has no Content-Type");
    if (!header.p)
        return fail_type(SV_STR("None"), takes_era_1, err);
    sv_str type = read_parameters(header, &params);
    if (!is_utf8(params.charset))
        return sv_fail(err, SAVOR_MEDIA_TYPE, "The scoring server only supports UTF-8");
    if (!era_1 && (params.has_unknown || (params.has_format && profile->is_forced))) {
        sv_str name = params.has_unknown ? params.unknown : SV_STR("format");
        return sv_fail(err, SAVOR_MEDIA_TYPE, "Unrecognized content type parameters: %.*s. " PROTOCOL_CHANGE,
                       SV_FMT(name));
    }
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        const form_row *row = &FORMS[i];
        bool same_format = row->format ? sv_str_is(params.format, row->format) : params.format.n == 0;
        bool allowed = row->known == KNOWN_ALWAYS || (row->known == KNOWN_ERA_1 ? takes_era_1 : !profile->is_forced);
        if (allowed && same_format && sv_str_is(type, row->type)) {
            *out = row->form;
            return SAVOR_OK;
        }
    }
    return fail_type(header, takes_era_1, err);
}
