/* lightgbm_rows.c: what the reader and the engine make of a model file, for a comparison with LightGBM itself.
 *
 *     lightgbm_rows MODEL < ROWS > PREDICTIONS      both raw doubles, row-major
 *
 * On stderr: trees, nodes, features, outputs, and the milliseconds that reading took.
 */
#include "base/buf.h"
#include "format/lightgbm_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_BYTES ((size_t)4 << 30)

static void read_all(FILE *f, sv_buf *out)
{
    for (;;) {
        char *room = sv_buf_reserve(out, 1 << 16);
        size_t n = room ? fread(room, 1, 1 << 16, f) : 0;
        if (n == 0)
            return;
        out->n += n;
    }
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    sv_buf text = SV_BUF_INIT(MAX_BYTES), rows = SV_BUF_INIT(MAX_BYTES);
    sv_arena arena, scratch;
    const sv_lightgbm *model = NULL;
    savor_error err = {0};
    if (!file)
        return fprintf(stderr, "usage: lightgbm_rows MODEL < ROWS > PREDICTIONS\n"), 2;
    read_all(file, &text);
    fclose(file);
    read_all(stdin, &rows);
    sv_arena_init(&arena, MAX_BYTES);
    sv_arena_init(&scratch, MAX_BYTES);
    double start = now_ms();
    savor_status st = sv_lightgbm_read(sv_buf_view(&text), &arena, &model, &err);
    double ms = now_ms() - start;
    if (!st) {
        size_t n_rows = rows.n / sizeof(double) / model->forest.n_features, n = n_rows * model->forest.n_groups;
        double *out = malloc(n * sizeof *out + 1);
        fprintf(stderr, "%zu trees, %zu nodes, %zu features, %zu outputs, %.3f ms\n", model->forest.n_trees,
                model->forest.n_nodes, model->forest.n_features, model->forest.n_groups, ms);
        if (out && n > 0 && !(st = sv_lightgbm_predict(model, (double *)(void *)rows.p, n_rows, out, &scratch, &err)))
            fwrite(out, sizeof *out, n, stdout);
        free(out);
    }
    if (st)
        fprintf(stderr, "%d: %s: %s\n", (int)st, err.where, err.message);
    sv_arena_deinit(&arena);
    sv_arena_deinit(&scratch);
    sv_buf_deinit(&text);
    sv_buf_deinit(&rows);
    return st != SAVOR_OK;
}
