/* replay.c: runs a fuzz target over files, so that seeds and past findings are part of every test run.
 *
 *     NOUN_replay [--cut | --all] PATH...     each PATH is a file or a folder of files
 *
 * With --cut every prefix of each file is run too (each of the first 4096 lengths, then every 97th). With --all, by
 * hand, each prefix without exception, and the file with each one of its bytes changed.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t n_runs;

/* A heap copy of exactly the size, so that ASan sees a read behind the end. */
static void run_one(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        exit(71);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    n_runs++;
}

enum { WHOLE, CUT, ALL };

/* Each byte in turn: one of its bits, or all of them. */
static void run_changed(uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t was = data[i];
        data[i] = i % 9 == 8 ? (uint8_t)~was : (uint8_t)(was ^ (1u << (i % 9)));
        run_one(data, size);
        data[i] = was;
    }
}

static void run_file(const char *path, int cut)
{
    FILE *f = fopen(path, "rb");
    struct stat info;
    if (!f || fstat(fileno(f), &info) != 0) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(1);
    }
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size ? size : 1);
    if (!data || fread(data, 1, size, f) != size) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fclose(f);
    for (size_t n = 0; cut != WHOLE && n < size; n += cut == ALL || n < 4096 ? 1 : 97)
        run_one(data, n);
    if (cut == ALL)
        run_changed(data, size);
    run_one(data, size);
    free(data);
}

static void run_path(const char *path, int cut)
{
    DIR *folder = opendir(path);
    if (!folder) {
        run_file(path, cut);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char full[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(full, sizeof full, "%s/%s", path, entry->d_name);
        run_file(full, cut);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    int cut = WHOLE;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--cut") == 0)
            cut = CUT;
        else if (strcmp(argv[i], "--all") == 0)
            cut = ALL;
        else
            run_path(argv[i], cut);
    }
    printf("%zu inputs replayed\n", n_runs);
    return n_runs == 0;
}
