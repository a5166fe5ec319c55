/*
 * damage_test.c: model files with one thing wrong, by the thousand. A variant that crashes, hangs or trips a
 * sanitizer ends the program; otherwise it prints what became of them.
 *
 *     damage_test <variants> <seed> <format>:<file>...
 *
 * format: xgboost, lightgbm, catboost, sklearn, estimator (a pickle or skops file, guests too), statsmodels; or
 * records: the objects of a scikit-learn file instead of its bytes
 */
#include "corpus/damage.h"
#include "corpus/record_damage.h"
#include "corpus/vectors.h"
#include "flavor/estimator_file.h"
#include "flavor/statsmodels_record.h"
#include "format/pickle.h"
#include "fuzz/catboost_load.h"
#include "fuzz/lightgbm_load.h"
#include "fuzz/sklearn_load.h"
#include "fuzz/xgboost_load.h"

#include <stdio.h>
#include <unistd.h>

enum { SECONDS_MAX = 60 }; /* for all variants of one file; under a sanitizer most take under a millisecond */

static damage_verdict read_xgboost(sv_str bytes)
{
    sv_arena arena;
    const sv_xgboost *m = NULL;
    savor_error err;
    sv_arena_init(&arena, (size_t)1 << 30);
    savor_status st = sv_xgboost_read(bytes, NULL, &arena, &m, &err);
    if (st == SAVOR_OK && m->n_features <= LOAD_WIDTH_MAX)
        load_predict(m, &arena);
    if (st != SAVOR_OK && err.message[0] == 0)
        abort(); /* a refusal says why */
    sv_arena_deinit(&arena);
    return st == SAVOR_OK ? DAMAGE_PREDICTED : DAMAGE_REFUSED;
}

static damage_verdict read_lightgbm(sv_str bytes)
{
    savor_error err;
    savor_status st = lightgbm_load_and_predict(bytes, &err);
    if (st != SAVOR_OK && err.message[0] == 0)
        abort(); /* a refusal says why */
    return st == SAVOR_OK ? DAMAGE_PREDICTED : DAMAGE_REFUSED;
}

static damage_verdict read_catboost(sv_str bytes)
{
    savor_error err;
    bool is_json = bytes.n > 0 && bytes.p[0] == '{';
    savor_status st = catboost_load_and_predict(bytes, is_json ? sv_catboost_read_json : sv_catboost_read_cbm, &err);
    if (st != SAVOR_OK && err.message[0] == 0)
        abort(); /* a refusal says why */
    return st == SAVOR_OK ? DAMAGE_PREDICTED : DAMAGE_REFUSED;
}

static damage_verdict read_sklearn(sv_str bytes)
{
    savor_error err = {0};
    savor_status st = sklearn_load_and_predict(bytes, &err);
    if (st != SAVOR_OK && err.message[0] == 0)
        abort(); /* a refusal says why */
    return st == SAVOR_OK ? DAMAGE_PREDICTED : DAMAGE_REFUSED;
}

/* Two rows of ones in each of the ways that a model may be asked. */
static void ask_estimator(const sv_estimator *estimator, sv_arena *arena)
{
    size_t n = estimator->n_features_in ? estimator->n_features_in : 4;
    double *rows = n <= 4096 ? sv_arena_array(arena, 2 * n, sizeof *rows) : NULL;
    savor_error err;
    sv_batch out;
    if (!rows)
        return;
    for (size_t i = 0; i < 2 * n; i++)
        rows[i] = 1;
    sv_batch in = sv_batch_of_doubles(rows, 2, n);
    for (int m = 0; m < SV_METHOD_COUNT; m++)
        if (sv_estimator_has(estimator, (sv_method)m) &&
            sv_estimator_call(estimator, (sv_method)m, &in, arena, &out, &err) && err.message[0] == 0)
            abort();
}

static damage_verdict read_estimator(sv_str bytes)
{
    sv_arena arena;
    sv_estimator_file file;
    savor_error err;
    sv_flavor_limits limits = {.file_bytes = (size_t)1 << 28, .model_bytes = (size_t)1 << 28};
    sv_arena_init(&arena, limits.model_bytes);
    sv_source source = sv_source_of(bytes);
    source.part_min = bytes.n % 2 * 64; /* every other file has arrays that are read when they are asked for */
    savor_status st = sv_estimator_file_read(&source, (sv_release){1, 5}, &limits, &arena, &file, &err);
    if (st == SAVOR_OK)
        ask_estimator(file.estimator, &arena);
    else if (err.message[0] == 0)
        abort(); /* a refusal says why */
    sv_arena_deinit(&arena);
    sv_source_close(&source);
    return st == SAVOR_OK ? DAMAGE_PREDICTED : DAMAGE_REFUSED;
}

static damage_verdict read_statsmodels(sv_str bytes)
{
    sv_arena arena;
    const sv_record *root;
    const sv_statsmodels *model = NULL;
    savor_error err;
    sv_arena_init(&arena, (size_t)1 << 28);
    savor_status st = sv_pickle_read(bytes, NULL, &arena, &root, &err);
    if (!st)
        st = sv_statsmodels_read(root, &arena, &model, &err);
    if (st && err.message[0] == 0)
        abort();
    double *row = st ? NULL : sv_arena_array(&arena, model->layer.n_in + model->layer.n_out, sizeof *row);
    if (row)
        sv_dense_predict(&model->layer, row, 1, row + model->layer.n_in);
    sv_arena_deinit(&arena);
    return st == SAVOR_OK ? DAMAGE_PREDICTED : DAMAGE_REFUSED;
}

static const struct {
    const char *name;
    damage_reader reader;
} formats[] = {
    {"xgboost", read_xgboost}, {"lightgbm", read_lightgbm},   {"catboost", read_catboost},
    {"sklearn", read_sklearn}, {"estimator", read_estimator}, {"statsmodels", read_statsmodels},
};

/* The file is read as it is each time, and one thing is changed in what it says; in a copy, since arrays lie there.
 */
static bool damage_records(sv_str bytes, size_t n_variants, uint64_t seed, damage_count *out)
{
    *out = (damage_count){0};
    for (size_t i = 0; i < n_variants; i++) {
        sv_arena records;
        const sv_record *root = NULL;
        savor_error err = {0};
        sv_buf copy = SV_BUF_INIT(bytes.n + 1);
        sv_buf_put_str(&copy, bytes);
        sv_arena_init(&records, SKLEARN_BYTES);
        sv_source source = sv_source_of(sv_buf_view(&copy));
        if (sklearn_read(&source, &records, &root, &err)) {
            fprintf(stderr, "%s\n", err.message);
            sv_arena_deinit(&records);
            sv_buf_deinit(&copy);
            return false;
        }
        record_damage((sv_record *)(uintptr_t)root, &records, &seed);
        savor_status st = sklearn_use(root, &records, &source, &copy, &err);
        if (st != SAVOR_OK && err.message[0] == 0)
            abort(); /* a refusal says why */
        *(st ? &out->refused : &out->predicted) += 1;
    }
    return true;
}

static damage_reader find_reader(const char *argument, const char **path)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t n = strlen(formats[i].name);
        if (strncmp(argument, formats[i].name, n) == 0 && argument[n] == ':') {
            *path = argument + n + 1;
            return formats[i].reader;
        }
    }
    return NULL;
}

static bool damage_file(const char *argument, size_t n_variants, uint64_t seed)
{
    bool is_graph = strncmp(argument, "records:", 8) == 0;
    const char *path = is_graph ? argument + 8 : argument;
    sv_buf bytes = SV_BUF_INIT((size_t)1 << 30);
    damage_count count;
    damage_reader reader = find_reader(argument, &path);
    bool is_fine = (reader || is_graph) && vectors_read(path, &bytes);
    if (is_fine) {
        alarm(SECONDS_MAX);
        is_fine = is_graph ? damage_records(sv_buf_view(&bytes), n_variants, seed, &count)
                           : damage_run(sv_buf_view(&bytes), reader, n_variants, seed, &count);
        alarm(0);
    }
    if (is_fine)
        printf("%zu refused, %zu predicted, slowest %.1f ms: %s\n", count.refused, count.predicted, count.slowest_ms,
               path);
    else
        fprintf(stderr, "cannot run %s\n", argument);
    sv_buf_deinit(&bytes);
    return is_fine;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    size_t n_variants = (size_t)strtoul(argv[1], NULL, 10);
    uint64_t seed = strtoull(argv[2], NULL, 10);
    bool is_fine = true;
    for (int i = 3; i < argc; i++)
        is_fine &= damage_file(argv[i], n_variants, seed + (uint64_t)i);
    return is_fine ? 0 : 1;
}
