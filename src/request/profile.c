#include "request/profile.h"

savor_status savor_profile_read(const char *text, savor_profile *out, savor_error *err)
{
    static const struct {
        const char *text;
        savor_profile profile;
    } ROWS[] = {
        {"auto", SAVOR_PROFILE_AUTO},
        {"1.x", SAVOR_PROFILE_1},
        {"2.x", SAVOR_PROFILE_2},
        {"3.x", SAVOR_PROFILE_3},
    };
    for (size_t i = 0; text && i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (sv_str_equal(sv_str_of(text), sv_str_of(ROWS[i].text))) {
            *out = ROWS[i].profile;
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_USAGE, "profile \"%s\" is not known, expected auto, 1.x, 2.x or 3.x", text ? text : "");
}

/* "pandas==2.2.3" on a line of its own, extras and markers aside. */
static bool find_pinned_pandas(sv_str requirements, sv_version *out)
{
    while (requirements.n) {
        size_t n = sv_str_find(requirements, '\n');
        sv_str line = sv_str_trim((sv_str){requirements.p, n});
        n += n < requirements.n;
        requirements = (sv_str){requirements.p + n, requirements.n - n};
        if (sv_str_starts(line, SV_STR("pandas==")))
            return sv_version_read((sv_str){line.p + 8, line.n - 8}, out);
    }
    return false;
}

static bool is_at_least(sv_version v, int major, int minor)
{
    return v.major > major || (v.major == major && v.minor >= minor);
}

static sv_profile forced_profile(savor_profile forced)
{
    /* One release stands for each era: 1.30, 2.16 and 3.17, with the newest pandas it works with. */
    switch (forced) {
    case SAVOR_PROFILE_1:
        return (sv_profile){.era = SV_ERA_1, .is_forced = true, .pandas_major = 1};
    case SAVOR_PROFILE_2:
        return (sv_profile){.era = SV_ERA_2, .is_forced = true, .pandas_major = 2, .nesting = SV_NESTING_REQUIRED};
    default:
        return (sv_profile){.era = SV_ERA_3,
                            .is_forced = true,
                            .is_fastapi = true,
                            .pandas_major = 3,
                            .exact_csv = true,
                            .has_sqlstate = true};
    }
}

sv_profile sv_profile_of(const sv_mlmodel *model, sv_str requirements, savor_profile forced)
{
    if (forced != SAVOR_PROFILE_AUTO)
        return forced_profile(forced);
    sv_version pandas;
    sv_nesting before_2_21 = is_at_least(model->version, 2, 19) ? SV_NESTING_OPTIONAL : SV_NESTING_REQUIRED;
    sv_profile p = {
        .era = model->era,
        .is_fastapi = is_at_least(model->version, 2, 21),
        .pandas_major = model->era == SV_ERA_1   ? 1
                        : model->era == SV_ERA_2 ? 2
                                                 : 3,
        .exact_csv = model->era == SV_ERA_3,
        .nesting = is_at_least(model->version, 2, 21) ? SV_NESTING_COLUMNS : before_2_21,
        .has_sqlstate = is_at_least(model->version, 3, 11),
    };
    if (find_pinned_pandas(requirements, &pandas)) {
        p.pandas_major = pandas.major < 2 ? 1 : pandas.major == 2 ? 2 : 3;
        p.exact_csv = is_at_least(pandas, 3, 1);
    }
    return p;
}
