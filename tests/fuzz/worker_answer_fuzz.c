/* worker_answer_fuzz.c: whatever a worker sends is refused, or can be walked and written as a response. */
#include "score/response.h"
#include "worker/protocol.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches every element, so that ASan sees one that is not there. */
static double sum(savor_dtype dtype, const void *data, size_t n)
{
    double total = 0;
    const unsigned char *p = data;
    for (size_t i = 0; i < n * sv_dtype_size(dtype); i++)
        total += p[i];
    return total;
}

static double walk(const sv_payload *payload)
{
    double total = 0;
    if (payload->kind == SV_PAYLOAD_TENSOR)
        return sum(payload->tensor.dtype, payload->tensor.data, payload->tensor.n_items);
    for (size_t c = 0; payload->kind == SV_PAYLOAD_FRAME && c < payload->frame.n_columns; c++)
        total += sum(payload->frame.columns[c].dtype, payload->frame.columns[c].data, payload->frame.n_rows);
    return total;
}

static void write_out(const sv_payload *payload)
{
    sv_profile profile = {.era = SV_ERA_3, .has_sqlstate = true};
    sv_buf out = SV_BUF_INIT((size_t)1 << 20);
    const char *type;
    int http_status = 0;
    if (payload->kind == SV_PAYLOAD_EXCEPTION)
        sv_exception_write(&payload->exception, &profile, &out, &http_status, &type);
    else
        sv_response_write(payload, true, SAVOR_NAN_NULL, &out);
    if (payload->kind == SV_PAYLOAD_EXCEPTION && (http_status < 400 || http_status > 599))
        abort();
    sv_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sv_wire_header header;
    sv_payload payload;
    sv_arena arena;
    if (size < SV_WIRE_HEADER_BYTES || sv_wire_header_read(data, &header, NULL))
        return 0;
    sv_arena_init(&arena, (size_t)16 << 20);
    size_t n = size - SV_WIRE_HEADER_BYTES;
    char *body = sv_arena_alloc(&arena, n ? n : 1);
    if (!body)
        abort();
    memcpy(body, data + SV_WIRE_HEADER_BYTES, n);
    header.n_bytes = n; /* the channel has compared it */
    if (sv_wire_answer_read(&header, (sv_str){body, n}, &arena, &payload, NULL) == SAVOR_OK) {
        if (walk(&payload) < 0)
            abort();
        write_out(&payload);
    }
    sv_arena_deinit(&arena);
    return 0;
}
