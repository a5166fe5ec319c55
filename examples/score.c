/* score.c: load a model and score one row.   score MODEL_DIRECTORY NAME=NUMBER...   (NAME= is a missing value) */
#include <savor/savor.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    enum { MAX_COLUMNS = 256 };
    const char *names[MAX_COLUMNS];
    double row[MAX_COLUMNS];
    size_t n_columns = 0, n_dims = 0;
    savor_model *model = NULL;
    savor_frame *frame = NULL;
    savor_prediction *answer = NULL;
    savor_error err = {SAVOR_USAGE, "score", "usage: score MODEL_DIRECTORY NAME=NUMBER..."};

    for (int i = 2; i < argc && n_columns < MAX_COLUMNS; i++, n_columns++) {
        char *equals = strchr(argv[i], '=');
        row[n_columns] = equals && equals[1] ? strtod(equals + 1, NULL) : NAN;
        names[n_columns] = argv[i];
        if (equals)
            *equals = '\0';
    }
    if (argc < 3 || savor_model_load(argv[1], NULL, &model, &err) ||
        savor_frame_from_rows(names, n_columns, SAVOR_FLOAT64, row, 1, &frame, &err) ||
        savor_model_predict(model, frame, &answer, &err)) {
        fprintf(stderr, "%s: %s\n", err.where, err.message);
        return savor_status_exit_code(err.status); /* the system takes back what is still held */
    }
    const float *numbers = savor_prediction_get_data(answer);
    if (savor_prediction_get_dtype(answer) == SAVOR_FLOAT32) /* what XGBoost's boosters answer; others differ */
        for (size_t i = 0; i < savor_prediction_get_shape(answer, &n_dims)[0]; i++)
            printf("%.9g\n", (double)numbers[i]);

    savor_prediction_free(answer);
    savor_frame_free(frame);
    savor_model_free(model);
    return 0;
}
