/* worker.c: the way to a worker process and back: one row, 16 MB there, 16 MB there and back.
 *
 *     bench_worker PYTHON PROGRAM MODEL_DIRECTORY [SECONDS]
 *
 * The peers are the least that could be done, in the same run: the same bytes through a socket pair to a process that
 * reads and writes them, in C. Rounds of savor and of the peer take turns, so that both meet the same machine.
 */
#define _GNU_SOURCE

#include "worker/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SAMPLES = 100000, N_COLUMNS = 20 };

typedef struct peer {
    int fd;
    pid_t pid;
    size_t n_there, n_back;
    char *bytes;
} peer;

typedef struct samples {
    size_t n;
    double us[MAX_SAMPLES];
} samples;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(samples *s, double q)
{
    qsort(s->us, s->n, sizeof *s->us, compare_doubles);
    return s->n ? s->us[(size_t)((double)(s->n - 1) * q)] : 0;
}

/* ---- the peer ---- */

static bool move_all(int fd, char *bytes, size_t n, bool is_out)
{
    for (size_t done = 0; done < n;) {
        ssize_t k = is_out ? write(fd, bytes + done, n - done) : read(fd, bytes + done, n - done);
        if (k <= 0)
            return false;
        done += (size_t)k;
    }
    return true;
}

static void answer_forever(int fd, peer *p)
{
    while (move_all(fd, p->bytes, p->n_there, false) && move_all(fd, p->bytes, p->n_back, true))
        ;
    _exit(0);
}

static bool start_peer(peer *p)
{
    int pair[2];
    size_t n = p->n_there > p->n_back ? p->n_there : p->n_back;
    if (!(p->bytes = calloc(1, n)) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    if ((p->pid = fork()) == 0) {
        close(pair[0]);
        answer_forever(pair[1], p);
    }
    close(pair[1]);
    p->fd = pair[0];
    return p->pid > 0;
}

static void end_peer(peer *p)
{
    close(p->fd);
    (void)waitpid(p->pid, NULL, 0);
    free(p->bytes);
}

/* ---- savor ---- */

static bool ask(sv_pool *pool, const sv_payload *in, sv_arena *arena)
{
    savor_error err = {.message = ""};
    sv_payload out;
    sv_wire_body request = SV_WIRE_BODY_INIT((size_t)1 << 30);
    sv_wire_request_write(in, NULL, &request);
    savor_status st = sv_wire_body_check(&request, &err);
    if (!st)
        st = sv_pool_call(pool, &request, arena, &out, &err);
    if (!st && out.kind == SV_PAYLOAD_EXCEPTION)
        st = sv_fail(&err, SAVOR_MODEL, "%.*s", SV_FMT(out.exception.message));
    if (st)
        fprintf(stderr, "refused: %s\n", err.message);
    sv_wire_body_deinit(&request);
    sv_arena_reset(arena);
    return !st;
}

static void compare(const char *name, sv_pool *pool, const sv_payload *in, peer p, double seconds)
{
    static samples ours, theirs;
    sv_arena arena;
    bool is_good = start_peer(&p);
    sv_arena_init(&arena, (size_t)1 << 30);
    ours.n = theirs.n = 0;
    for (int i = 0; i < 20 && is_good; i++) /* warm */
        is_good = ask(pool, in, &arena);
    for (double end = now_us() + seconds * 1e6; is_good && now_us() < end && ours.n < MAX_SAMPLES;) {
        double begin = now_us();
        is_good = ask(pool, in, &arena);
        double between = now_us();
        is_good = is_good && move_all(p.fd, p.bytes, p.n_there, true) && move_all(p.fd, p.bytes, p.n_back, false);
        ours.us[ours.n++] = between - begin;
        theirs.us[theirs.n++] = now_us() - between;
    }
    if (is_good) {
        double a = quantile(&ours, 0.5), b = quantile(&theirs, 0.5);
        printf("%-22s median %9.1f us, tenth %9.1f us; socket pair %9.1f us, %9.1f us; ratio %.2f\n", name, a,
               quantile(&ours, 0.1), b, quantile(&theirs, 0.1), a / b);
    }
    end_peer(&p);
    sv_arena_deinit(&arena);
}

/* ---- */

/* The model answers an even number of rows with the rows. */
static peer make_peer(size_t n_rows, size_t n_extra)
{
    size_t n = N_COLUMNS * n_rows * sizeof(double);
    return (peer){.n_there = n + n_extra, .n_back = n_rows % 2 ? 64 : n + n_extra};
}

static void compare_frame(const char *name, sv_pool *pool, size_t n_rows, const double *numbers, double seconds)
{
    static const char LETTERS[] = "abcdefghijklmnopqrst";
    sv_column columns[N_COLUMNS];
    for (size_t c = 0; c < N_COLUMNS; c++)
        columns[c] =
            (sv_column){.name = {.text = {LETTERS + c, 1}}, .dtype = SAVOR_FLOAT64, .data = numbers + c * n_rows};
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {n_rows, N_COLUMNS, columns}};
    compare(name, pool, &in, make_peer(n_rows, 1000), seconds);
}

static void compare_array(const char *name, sv_pool *pool, size_t n_rows, const double *numbers, double seconds)
{
    sv_payload in = {.kind = SV_PAYLOAD_TENSOR};
    in.tensor = (sv_tensor){.dtype = SAVOR_FLOAT64, .n_dims = 2, .shape = {n_rows, N_COLUMNS}, .data = numbers};
    in.tensor.n_items = n_rows * N_COLUMNS;
    compare(name, pool, &in, make_peer(n_rows, 100), seconds);
}

int main(int argc, char **argv)
{
    enum { MANY = 100000 };
    sv_pool *pool;
    savor_error err = {.message = ""};
    if (argc < 4) {
        fprintf(stderr, "usage: bench_worker PYTHON PROGRAM MODEL_DIRECTORY [SECONDS]\n");
        return 2;
    }
    double seconds = argc > 4 ? atof(argv[4]) : 3;
    double *numbers = calloc((size_t)MANY * N_COLUMNS, sizeof *numbers);
    sv_pool_options options = {
        .process = {.interpreter = argv[1], .program = argv[2], .model_path = argv[3], .era = "3"}};
    if (!numbers || sv_pool_new(&options, &pool, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%s\n", sv_pool_get_facts(pool));
    for (size_t i = 0; i < (size_t)MANY * N_COLUMNS; i++)
        numbers[i] = (double)i * 0.001;
    compare_frame("frame, one row", pool, 1, numbers, seconds);
    compare_array("array, one row", pool, 1, numbers, seconds);
    compare_frame("frame, 16 MB there", pool, MANY - 1, numbers, seconds);
    compare_array("array, 16 MB there", pool, MANY - 1, numbers, seconds);
    compare_frame("frame, there and back", pool, MANY, numbers, seconds);
    compare_array("array, there and back", pool, MANY, numbers, seconds);
    sv_pool_free(pool);
    free(numbers);
    return 0;
}
