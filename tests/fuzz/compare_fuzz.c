/* compare_fuzz.c: two answers in one input, divided by a line end. */
#include <savor/compare.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    const unsigned char *line = size ? memchr(data, '\n', size) : NULL;
    size_t n = line ? (size_t)(line - data) : size;
    const savor_compare_options options = {.size = sizeof options, .tolerance = 1e-6, .same_shell = 1};
    savor_comparison found;
    savor_error err;
    savor_status st =
        savor_compare(data, n, line ? line + 1 : data, line ? size - n - 1 : size, &options, &found, &err);
    return st == SAVOR_INTERNAL ? -1 : 0;
}
