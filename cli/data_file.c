#include "data_file.h"
#include "message.h"
#include "scoring.h"

#include <string.h>
#include <strings.h>

/* A kind of file is a row; the library reads whatever its scoring server takes. */
static const struct {
    const char *ending, *content_type;
} KINDS[] = {
    {".json", "application/json"},
    {".csv", "text/csv"},
};

static const char *type_of(const char *path)
{
    size_t n = strlen(path);
    if (strcmp(path, "-") == 0)
        return KINDS[0].content_type;
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        size_t n_ending = strlen(KINDS[i].ending);
        if (n > n_ending && strcasecmp(path + n - n_ending, KINDS[i].ending) == 0)
            return KINDS[i].content_type;
    }
    return NULL;
}

int cli_read_data(const char *path, cli_bytes *bytes, savor_data *data)
{
    const char *type = type_of(path);
    if (!type)
        return cli_fail("%s: the name of a file of data ends in .json or .csv", path);
    int code = cli_read_path(path, CLI_MAX_INPUT_BYTES, bytes);
    *data = (savor_data){.content_type = type, .body = bytes->p, .body_bytes = bytes->n};
    return code;
}
