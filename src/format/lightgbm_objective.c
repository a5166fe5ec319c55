/* lightgbm_objective.c: the header line that says what the sums of leaves mean, "binary sigmoid:1". */
#include "format/lightgbm_priv.h"

/* Words behind an objective's name. */
#define TAKES_SQRT 1u /* "sqrt": the signed square instead */
#define NEEDS_SIGMOID 2u
#define NEEDS_CLASSES 4u

typedef struct objective {
    const char *name;
    sv_lightgbm_link_kind kind;
    unsigned words;
} objective;

static const objective objectives[] = {
    {"regression", SV_LIGHTGBM_IDENTITY, TAKES_SQRT},
    {"regression_l1", SV_LIGHTGBM_IDENTITY, TAKES_SQRT},
    {"quantile", SV_LIGHTGBM_IDENTITY, TAKES_SQRT},
    {"fair", SV_LIGHTGBM_IDENTITY, TAKES_SQRT},
    {"mape", SV_LIGHTGBM_IDENTITY, TAKES_SQRT},
    {"huber", SV_LIGHTGBM_IDENTITY, 0},
    {"poisson", SV_LIGHTGBM_EXP, 0},
    {"gamma", SV_LIGHTGBM_EXP, 0},
    {"tweedie", SV_LIGHTGBM_EXP, 0},
    {"binary", SV_LIGHTGBM_SIGMOID, NEEDS_SIGMOID},
    {"multiclass", SV_LIGHTGBM_SOFTMAX, NEEDS_CLASSES},
    {"multiclassova", SV_LIGHTGBM_SIGMOID, NEEDS_SIGMOID | NEEDS_CLASSES},
    {"cross_entropy", SV_LIGHTGBM_SIGMOID, 0},
    {"cross_entropy_lambda", SV_LIGHTGBM_LOG1P_EXP, 0},
    {"lambdarank", SV_LIGHTGBM_IDENTITY, 0},
    {"rank_xendcg", SV_LIGHTGBM_IDENTITY, 0},
};

/* Other names that LightGBM takes, for a line that is the name alone. NULL: no objective, like an absent line. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    {"regression_l2", "regression"},
    {"mean_squared_error", "regression"},
    {"mse", "regression"},
    {"l2", "regression"},
    {"l2_root", "regression"},
    {"root_mean_squared_error", "regression"},
    {"rmse", "regression"},
    {"mean_absolute_error", "regression_l1"},
    {"l1", "regression_l1"},
    {"mae", "regression_l1"},
    {"mean_absolute_percentage_error", "mape"},
    {"xentropy", "cross_entropy"},
    {"xentlambda", "cross_entropy_lambda"},
    {"xendcg", "rank_xendcg"},
    {"xe_ndcg", "rank_xendcg"},
    {"xe_ndcg_mart", "rank_xendcg"},
    {"xendcg_mart", "rank_xendcg"},
    {"custom", NULL},
    {"none", NULL},
    {"null", NULL},
    {"na", NULL},
};

/*
 * The number behind "sigmoid:" as LightGBM's Common::Atof computes it: whole part plus digits over a power of ten,
 * which for some texts is not the nearest double. -1 for what it would not read to the end.
 */
static double read_sigmoid(sv_str text)
{
    double whole = 0, part = 0, scale = 1;
    size_t i = 0;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        whole = whole * 10.0 + (text.p[i] - '0');
    if (i < text.n && text.p[i] == '.') {
        for (i++; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++, scale *= 10.0)
            part = (text.p[i] - '0') + part * 10.0;
        whole += part / scale;
    }
    if (i < text.n && (text.p[i] == 'e' || text.p[i] == 'E')) {
        int64_t exponent = 0;
        if (!sv_str_to_int64((sv_str){text.p + i + 1, text.n - i - 1}, &exponent) || exponent < -308 ||
            exponent > 308)
            return -1;
        scale = 1;
        for (int64_t left = exponent < 0 ? -exponent : exponent, step; left > 0; left -= step) {
            step = left >= 50 ? 50 : left >= 8 ? 8 : 1;
            scale *= step == 50 ? 1e50 : step == 8 ? 1e8 : 10.0;
        }
        return exponent < 0 ? whole / scale : whole * scale;
    }
    return i == text.n ? whole : -1;
}

static savor_status fail_objective(sv_str text, const char *what, savor_error *err)
{
    sv_str cut = {text.p, text.n < 80 ? text.n : 80};
    return sv_error_at(err, sv_fail(err, SAVOR_FORMAT, "objective \"%.*s\" %s", SV_FMT(cut), what), "header");
}

/* The words behind the name: "sigmoid:1", "num_class:3", "sqrt". */
static savor_status read_words(const objective *known, sv_str text, sv_str rest, size_t n_groups,
                               sv_lightgbm_link *out, savor_error *err)
{
    const sv_str sigmoid_key = SV_STR("sigmoid:"), class_key = SV_STR("num_class:");
    int64_t n_classes = known->words & NEEDS_CLASSES ? 0 : 1;
    sv_str word;
    *out = (sv_lightgbm_link){known->kind, known->words & NEEDS_SIGMOID ? -1.0 : 1.0};
    while (sv_lightgbm_word(&rest, &word)) {
        if ((known->words & TAKES_SQRT) && sv_str_is(word, "sqrt"))
            out->kind = SV_LIGHTGBM_SIGNED_SQUARE;
        else if ((known->words & NEEDS_SIGMOID) && sv_str_starts(word, sigmoid_key))
            out->steepness = read_sigmoid((sv_str){word.p + sigmoid_key.n, word.n - sigmoid_key.n});
        else if ((known->words & NEEDS_CLASSES) && sv_str_starts(word, class_key) &&
                 !sv_str_to_int64((sv_str){word.p + class_key.n, word.n - class_key.n}, &n_classes))
            n_classes = 0;
    }
    if (!(out->steepness > 0))
        return fail_objective(text, "had no sigmoid above 0", err);
    if (n_classes < 1 || (uint64_t)n_classes != n_groups)
        return fail_objective(text, "did not fit num_class", err);
    return SAVOR_OK;
}

/* The objective of a line; `*out` stays NULL for the names that mean none. */
static savor_status find_objective(sv_str text, sv_str name, const objective **out, savor_error *err)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (sv_str_is(text, aliases[i].alias)) {
            if (!aliases[i].name)
                return SAVOR_OK;
            name = sv_str_of(aliases[i].name);
        }
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
        if (sv_str_is(name, objectives[i].name)) {
            *out = &objectives[i];
            return SAVOR_OK;
        }
    sv_str cut = {name.p, name.n < 80 ? name.n : 80};
    return sv_error_at(err, sv_fail(err, SAVOR_UNSUPPORTED, "LightGBM objective \"%.*s\" is not known", SV_FMT(cut)),
                       "header");
}

savor_status sv_lightgbm_objective_read(sv_str text, size_t n_groups, sv_arena *arena, sv_lightgbm *out,
                                        savor_error *err)
{
    const objective *known = NULL;
    sv_str rest = text, name = {"", 0};
    savor_status st = SAVOR_OK;
    if (!text.p)
        return SAVOR_OK;
    (void)sv_lightgbm_word(&rest, &name);
    if ((st = find_objective(text, name, &known, err)) || !known ||
        (st = read_words(known, text, rest, n_groups, &out->link, err)))
        return st;
    const char *copy = sv_arena_text(arena, text.p, text.n);
    if (!copy)
        return sv_arena_fail(arena, text.n, err);
    out->objective = (sv_str){copy, text.n};
    return SAVOR_OK;
}
