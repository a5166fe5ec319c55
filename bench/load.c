/* load.c: how long a model takes to load and how much memory at its peak, beside reading its file and copying it
 * once.
 *
 *     bench_load MODEL_DIRECTORY FILE [ROUNDS]
 *
 * Prints one line; FILE is the model's large file below the directory. The best of ROUNDS (5) rounds, both with a
 * warm cache: seconds of the processor, which a busy machine does not change much. Memory is of a process of its own.
 */
#include <savor/savor.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Bytes that the process has in memory now. */
static double resident_bytes(void)
{
    long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &all, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* Read the file and copy it once: what loading can hardly do without. Its size, 0 on failure. */
static size_t read_and_copy(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL, *copy = NULL;
    size_t n = 0;
    long size = -1;
    if (f && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) > 0 && (bytes = malloc((size_t)size)) &&
        (copy = malloc((size_t)size))) {
        rewind(f);
        n = fread(bytes, 1, (size_t)size, f);
        memcpy(copy, bytes, n);
        if (copy[n / 2] != bytes[n / 2])
            n = 0;
    }
    if (f)
        fclose(f);
    free(bytes);
    free(copy);
    return n;
}

static int load(const char *path, savor_model **out)
{
    savor_error err = {SAVOR_OK, "", ""};
    savor_load_options options = {0};
    if (savor_model_load(path, &options, out, &err) == SAVOR_OK)
        return 0;
    fprintf(stderr, "refused: %s\n", err.message);
    return 1;
}

/* In a child: what the loaded model takes, and the most that loading took, both without the program itself. */
static int weigh(const char *path, double *kept, double *peak)
{
    double got[2] = {0, 0};
    int ends[2], status = 1;
    if (pipe(ends) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        struct rusage usage;
        savor_model *model = NULL;
        double before = resident_bytes();
        if (load(path, &model))
            _exit(1);
        getrusage(RUSAGE_SELF, &usage);
        got[0] = resident_bytes() - before;
        got[1] = (double)usage.ru_maxrss * 1024 - before;
        _exit(write(ends[1], got, sizeof got) != (ssize_t)sizeof got);
    }
    close(ends[1]);
    if (child > 0 && read(ends[0], got, sizeof got) == (ssize_t)sizeof got)
        waitpid(child, &status, 0);
    close(ends[0]);
    *kept = got[0];
    *peak = got[1];
    return status != 0;
}

int main(int argc, char **argv)
{
    int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 5;
    double plain = 1e9, loading = 1e9, kept = 0, peak = 0;
    char path[4096];
    size_t n = 0;
    if (argc < 3 || snprintf(path, sizeof path, "%s/%s", argv[1], argv[2]) >= (int)sizeof path) {
        fprintf(stderr, "usage: bench_load MODEL_DIRECTORY FILE [ROUNDS]\n");
        return 2;
    }
    if (weigh(argv[1], &kept, &peak))
        return 1;
    for (int i = 0; i < rounds; i++) {
        savor_model *model = NULL;
        double t = now_s();
        n = read_and_copy(path);
        plain = now_s() - t < plain ? now_s() - t : plain;
        t = now_s();
        if (n == 0 || load(argv[1], &model))
            return 1;
        loading = now_s() - t < loading ? now_s() - t : loading;
        savor_model_free(model);
    }
    printf("%-40s %8.1f MB  read and copy %6.3f s  load %6.3f s = %.2f of it  model %7.1f MB  peak %7.1f MB = %.2f "
           "of it, "
           "%.2f of model and file\n",
           argv[1], (double)n / 1e6, plain, loading, loading / plain, kept / 1e6, peak / 1e6, peak / kept,
           peak / (kept + (double)n));
    return 0;
}
