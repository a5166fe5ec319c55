/* json.c: how long a JSON body takes to the columns of a frame that obeys the model's signature, beside simdjson.
 *
 *     bench_json MODEL_DIRECTORY BODY.json...
 *
 * Prints one line a body: CPU microseconds of savor (UTF-8 check, tree, columns) and of simdjson's On-Demand reader
 * straight into an array of doubles (dataframe_split bodies only), medians of turns in this process, and their ratio.
 */
#include "base/arena.h"
#include "request/request.h"
#include "score/model.h"

#include <savor/savor.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TURNS = 15, TURN_BYTES = 4 << 20 }; /* a turn reads a body as often as makes this many bytes */

/* json_simdjson.cc: how many numbers; 0 when simdjson refuses the body. `out` has room for n_bytes / 2. */
size_t bench_simdjson_read(const char *text, size_t n_bytes, size_t room, double *out);

typedef struct bench {
    savor_model *model;
    char *text; /* with room behind it, as both readers like it */
    size_t n_bytes, room;
    double *numbers;
    sv_arena arena;
} bench;

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int read_text(bench *b, const char *path)
{
    enum { PADDING = 64 };
    FILE *f = fopen(path, "rb");
    long size = -1;
    if (f && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && (b->text = calloc((size_t)size + PADDING, 1))) {
        rewind(f);
        b->n_bytes = fread(b->text, 1, (size_t)size, f);
        b->room = (size_t)size + PADDING;
        b->numbers = calloc(b->n_bytes / 2 + 1, sizeof *b->numbers);
    }
    if (f)
        fclose(f);
    return b->numbers != NULL;
}

static int read_savor(bench *b)
{
    const savor_model *m = b->model;
    sv_request_rules rules = {&m->profile, &m->record->signature, m->record->is_signature_from_type_hint, m->heading};
    sv_request request;
    savor_error err = {0};
    sv_arena_reset(&b->arena);
    if (sv_request_read(sv_str_of("application/json"), (sv_str){b->text, b->n_bytes}, &rules, &b->arena, &request,
                        &err))
        fprintf(stderr, "refused: %s\n", err.message);
    return request.payload.kind == SV_PAYLOAD_FRAME;
}

static int read_simdjson(bench *b) { return bench_simdjson_read(b->text, b->n_bytes, b->room, b->numbers) > 0; }

/* Seconds of CPU time of one reading, or -1. */
static double measure(bench *b, int (*read)(bench *))
{
    size_t n = 1 + TURN_BYTES / (b->n_bytes + 1);
    double begin = cpu_s();
    for (size_t i = 0; i < n; i++)
        if (!read(b))
            return -1;
    return (cpu_s() - begin) / (double)n;
}

static double median(double *samples)
{
    qsort(samples, TURNS, sizeof *samples, compare_doubles);
    return samples[TURNS / 2];
}

static int print_body(bench *b, const char *path)
{
    double savor[TURNS], simdjson[TURNS], ratios[TURNS];
    if (!read_text(b, path) || measure(b, read_savor) < 0 || measure(b, read_simdjson) < 0) {
        fprintf(stderr, "%s: not read\n", path);
        return 1;
    }
    for (int i = 0; i < TURNS; i++) {
        savor[i] = measure(b, read_savor) * 1e6;
        simdjson[i] = measure(b, read_simdjson) * 1e6;
        ratios[i] = simdjson[i] / savor[i];
    }
    double mine = median(savor), other = median(simdjson);
    printf("%-40s %9zu bytes  savor %10.2f us %6.0f MB/s  simdjson %10.2f us %6.0f MB/s  ratio %.2f\n", path,
           b->n_bytes, mine, (double)b->n_bytes / mine, other, (double)b->n_bytes / other, median(ratios));
    return 0;
}

int main(int argc, char **argv)
{
    bench b = {0};
    savor_error err = {0};
    int failed = 0;
    if (argc < 3 || savor_model_load(argv[1], NULL, &b.model, &err)) {
        fprintf(stderr, "usage: bench_json MODEL_DIRECTORY BODY.json... %s\n", err.message);
        return 1;
    }
    sv_arena_init(&b.arena, SIZE_MAX);
    for (int i = 2; i < argc; i++) {
        failed |= print_body(&b, argv[i]);
        free(b.text);
        free(b.numbers);
        b.text = NULL;
        b.numbers = NULL;
    }
    sv_arena_deinit(&b.arena);
    savor_model_free(b.model);
    return failed;
}
