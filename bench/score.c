/* score.c: how long one request takes inside the library: bytes in, bytes out, no socket.
 *
 *     bench_score MODEL_DIRECTORY REQUEST.json [SECONDS]
 *
 * Prints one line: requests/s, median and 99th percentile in ns, bytes of request and answer.
 */
#include <savor/savor.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_SAMPLES = 1 << 20, WARM_REQUESTS = 1000 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The whole file, or NULL. */
static char *read_file(const char *path, size_t *n_bytes)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    long size = -1;
    if (f && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && (text = malloc((size_t)size + 1))) {
        rewind(f);
        *n_bytes = fread(text, 1, (size_t)size, f);
    }
    if (f)
        fclose(f);
    return text;
}

/* Score the request again and again; how many samples were taken, 0 when it was refused. */
static size_t measure(savor_scorer *scorer, const savor_request *request, double seconds, double *samples_ns)
{
    savor_response response;
    size_t n = 0;
    for (int i = 0; i < WARM_REQUESTS; i++) {
        if (savor_scorer_score(scorer, request, &response)) {
            fprintf(stderr, "refused: %s\n", response.message);
            return 0;
        }
    }
    for (double begin = now_s(), t = begin, next; t - begin < seconds && n < MAX_SAMPLES; t = next) {
        savor_scorer_score(scorer, request, &response);
        next = now_s();
        samples_ns[n++] = (next - t) * 1e9;
    }
    return n;
}

static void print_line(const char *model, const savor_request *request, double *samples_ns, size_t n)
{
    double sum_ns = 0;
    for (size_t i = 0; i < n; i++)
        sum_ns += samples_ns[i];
    qsort(samples_ns, n, sizeof *samples_ns, compare_doubles);
    printf("%-60s %9.0f requests/s  median %7.0f ns  p99 %7.0f ns  %zu bytes\n", model, (double)n / sum_ns * 1e9,
           samples_ns[n / 2], samples_ns[n - 1 - n / 100], request->body_bytes);
}

int main(int argc, char **argv)
{
    static double samples_ns[MAX_SAMPLES];
    const char *type = "application/json";
    savor_request request = {.content_type = type, .content_type_bytes = strlen(type)};
    savor_model *model = NULL;
    savor_scorer *scorer = NULL;
    savor_error err = {SAVOR_USAGE, "bench_score", "usage: bench_score MODEL_DIRECTORY REQUEST.json [SECONDS]"};
    size_t n = 0;

    char *body = argc > 2 ? read_file(argv[2], &request.body_bytes) : NULL;
    request.body = body;
    if (!body || savor_model_load(argv[1], NULL, &model, &err) || savor_scorer_new(model, NULL, &scorer, &err)) {
        fprintf(stderr, "%s: %s\n", err.where, err.message);
        return savor_status_exit_code(err.status);
    }
    n = measure(scorer, &request, argc > 3 ? strtod(argv[3], NULL) : 1.0, samples_ns);
    if (n)
        print_line(argv[1], &request, samples_ns, n);
    savor_scorer_free(scorer);
    savor_model_free(model);
    free(body);
    return n == 0;
}
