/* fake_scorer.c: stands in for room `score`, so that the server is tested alone: it echoes the body.
 *
 * Bodies that begin with a word do more: "big N" answers N bytes, "sleep N" waits N ms, "status N" answers N.
 */
#include <savor/score.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct savor_model {
    savor_profile profile;
};

struct savor_scorer {
    char *text;
    size_t capacity;
};

savor_profile savor_model_get_profile(const savor_model *model) { return model->profile; }

savor_model *fake_model(savor_profile profile);

savor_model *fake_model(savor_profile profile)
{
    static savor_model model;
    model.profile = profile;
    return &model;
}

int savor_model_is_ready(const savor_model *model)
{
    (void)model;
    return 1;
}

int savor_model_get_n_workers(const savor_model *model)
{
    (void)model;
    return 0; /* the loops compute */
}

savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options, savor_scorer **out,
                              savor_error *err)
{
    (void)model;
    (void)options;
    (void)err;
    *out = calloc(1, sizeof **out);
    return *out ? SAVOR_OK : SAVOR_NOMEM;
}

void savor_scorer_free(savor_scorer *scorer)
{
    if (scorer)
        free(scorer->text);
    free(scorer);
}

static char *room(savor_scorer *scorer, size_t n)
{
    if (n + 1 > scorer->capacity) {
        free(scorer->text);
        scorer->text = malloc(n + 1);
        scorer->capacity = n + 1;
    }
    return scorer->text;
}

static long word_value(const savor_request *request, const char *word)
{
    char text[32] = {0};
    size_t n = strlen(word);
    memcpy(text, request->body, request->body_bytes < 31 ? request->body_bytes : 31);
    return strncmp(text, word, n) == 0 ? strtol(text + n, NULL, 10) : -1;
}

savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out)
{
    *out = (savor_response){.http_status = 200, .content_type = "application/json", .message = ""};
    if (!request->content_type) {
        out->http_status = 415;
        out->content_type = "text/plain; charset=utf-8";
        out->status = SAVOR_MEDIA_TYPE;
        out->message = "there was no content type";
    }
    long big = word_value(request, "big "), ms = word_value(request, "sleep "),
         status = word_value(request, "status ");
    if (ms > 0)
        nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
    if (status > 0)
        out->http_status = (int)status;
    size_t n = big > 0 ? (size_t)big : request->body_bytes;
    char *text = room(scorer, n);
    if (big > 0)
        memset(text, 'x', n);
    else if (n)
        memcpy(text, request->body, n);
    text[n] = '\0';
    out->body = text;
    out->body_bytes = n;
    return out->status;
}
