/* score.c: load a model and score one row.   score MODEL_DIRECTORY NAME=NUMBER...   (NAME= is a missing value) */
#include <savor/savor.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double number_at(const savor_prediction *answer, size_t i)
{
    const void *data = savor_prediction_get_data(answer);
    switch (savor_prediction_get_dtype(answer)) {
    case SAVOR_FLOAT32:
        return ((const float *)data)[i];
    case SAVOR_FLOAT64:
        return ((const double *)data)[i];
    case SAVOR_INT64:
        return (double)((const long long *)data)[i];
    default:
        return NAN;
    }
}

int main(int argc, char **argv)
{
    enum { MAX_COLUMNS = 256 };
    const char *names[MAX_COLUMNS];
    double row[MAX_COLUMNS];
    size_t n_columns = 0, n_dims = 0, n_numbers = 1;
    savor_model *model = NULL;
    savor_frame *frame = NULL;
    savor_prediction *answer = NULL;
    savor_error err = {SAVOR_USAGE, "", "usage: score MODEL_DIRECTORY NAME=NUMBER..."};

    for (char **word = argv + 2; argc > 2 && *word && n_columns < MAX_COLUMNS; word++, n_columns++) {
        size_t name_bytes = strcspn(*word, "=");
        const char *value = *word + name_bytes + ((*word)[name_bytes] == '=');
        row[n_columns] = *value ? strtod(value, NULL) : NAN;
        (*word)[name_bytes] = '\0';
        names[n_columns] = *word;
    }
    if (argc < 3 || savor_model_load(argv[1], NULL, &model, &err) ||
        savor_frame_from_rows(names, n_columns, SAVOR_FLOAT64, row, 1, &frame, &err) ||
        savor_model_predict(model, frame, &answer, &err)) {
        fprintf(stderr, "score: %s%s%s\n", err.where, err.where[0] ? ": " : "", err.message);
        return savor_status_exit_code(err.status); /* the system takes back what is still held */
    }
    const size_t *shape = savor_prediction_get_shape(answer, &n_dims);
    for (size_t i = 0; i < n_dims; i++)
        n_numbers *= shape[i];
    for (size_t i = 0; i < n_numbers; i++)
        printf("%.17g\n", number_at(answer, i));

    savor_prediction_free(answer);
    savor_frame_free(frame);
    savor_model_free(model);
    return 0;
}
