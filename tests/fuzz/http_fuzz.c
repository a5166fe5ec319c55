/* http_fuzz.c: the connection state machine with its parsers, over a wire without sockets.
 *
 * The first byte of an input chooses the profile and whether the socket takes few bytes at a time; the second how the
 * rest is cut. The same bytes fed in another cut must give the same answers.
 */
#include "unit/serve/wire.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The crew and /ping ask for more; nothing is computed away from the loop here. */
savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options, savor_scorer **out,
                              savor_error *err)
{
    (void)model;
    (void)options;
    (void)err;
    *out = NULL;
    return SAVOR_NOMEM;
}

void savor_scorer_free(savor_scorer *scorer) { (void)scorer; }

int savor_model_is_ready(const savor_model *model)
{
    (void)model;
    return 1;
}

/* Stands in for room `score`: reads every byte of the body, and echoes it. */
savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out)
{
    (void)scorer;
    *out = (savor_response){.http_status = 200, .content_type = "application/json", .message = ""};
    out->body = request->body;
    out->body_bytes = request->body_bytes;
    return SAVOR_OK;
}

static void talk(wire *w, uint8_t kind, const char *bytes, size_t n, size_t step)
{
    wire_open(w, (savor_profile)(SAVOR_PROFILE_1 + kind % 3), kind & 4);
    w->worker.drains = kind & 8;
    size_t room = kind & 16 ? 7 : SIZE_MAX;
    for (size_t at = 0; at < n; at += step) {
        w->n_room = room;
        wire_feed(w, bytes + at, at + step < n ? step : n - at);
    }
    w->n_room = SIZE_MAX;
    wire_end(w);
    if (kind & 32 && w->conn.phase != SV_PHASE_CLOSED)
        sv_conn_expire(&w->conn, &w->worker);
}

/* What "100 Continue" and "connection: close" say depends on when bytes came; statuses do not. */
static size_t list_statuses(const wire *w, char *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i + 12 < w->n_sent && n + 3 < max; i++) {
        if (memcmp(w->sent + i, "HTTP/1.1 ", 9) != 0 || (i > 0 && w->sent[i - 1] != '\n' && w->sent[i - 1] != '}'))
            continue;
        if (w->sent[i + 9] == '1')
            continue;
        memcpy(out + n, w->sent + i + 9, 3);
        n += 3;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wire whole, cut;
    char statuses[2][300];
    if (size < 2)
        return 0;
    const char *bytes = (const char *)data + 2;
    talk(&whole, data[0], bytes, size - 2, size);
    size_t n = list_statuses(&whole, statuses[0], sizeof statuses[0]);
    wire_close(&whole);
    talk(&cut, data[0], bytes, size - 2, 1 + data[1] % 64);
    size_t n_cut = list_statuses(&cut, statuses[1], sizeof statuses[1]);
    wire_close(&cut);
    bool may_differ = data[0] & (8 | 16 | 32);
    if (!may_differ && (n != n_cut || memcmp(statuses[0], statuses[1], n) != 0))
        abort();
    return 0;
}
