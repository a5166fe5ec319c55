#include "base/alloc.h"
#include "base/clock.h"
#include "model/params.h"
#include "score/model.h"

#define BLOCK_ROWS ((size_t)16384) /* between two looks at the clock */

/* The fixed words around an enforcement error; what the request held is never repeated. */
static savor_status word_enforcement(const savor_model *model, bool hide_details, savor_error *err)
{
    char detail[sizeof err->message] = "";
    if (model->profile.era == SV_ERA_1)
        return SAVOR_SCHEMA; /* 1.x sends the bare message */
    if (err)
        memcpy(detail, err->message, sizeof detail);
    if (hide_details)
        return sv_fail(err, SAVOR_SCHEMA, "Failed to enforce model input schema. Please check your input data.");
    return sv_fail(err, SAVOR_SCHEMA, "Failed to enforce schema of data. Error: %s", detail);
}

static savor_status word_failure(savor_error *err)
{
    char detail[sizeof err->message] = "";
    if (err)
        memcpy(detail, err->message, sizeof detail);
    return sv_fail(err, SAVOR_MODEL,
                   "Encountered an unexpected error while evaluating the model. Verify that the serialized input "
                   "Dataframe is compatible with the model for inference. Error: %s",
                   detail);
}

static savor_status check_time(const sv_request *request, savor_error *err)
{
    if (!request->deadline_us || sv_clock_monotonic_us() < request->deadline_us)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_TIMEOUT, "Request processing time exceeded limit"); /* MLflow's words */
}

/* Put a block's answer into that of all rows, which the first block makes. */
static savor_status join_block(const sv_payload *block, const sv_frame *part, size_t at, size_t n_rows,
                               sv_arena *arena, sv_tensor *all, savor_error *err)
{
    const sv_tensor *t = &block->tensor;
    if (block->kind != SV_PAYLOAD_TENSOR || t->n_dims == 0 || t->shape[0] != part->n_rows)
        return sv_fail(err, SAVOR_INTERNAL, "the model gave a block of %zu rows an answer of another length",
                       part->n_rows);
    size_t width = t->n_items / part->n_rows, row_bytes = width * sv_dtype_size(t->dtype), bytes;
    if (at == 0) {
        *all = *t;
        all->shape[0] = n_rows;
        all->n_items = n_rows * width;
        all->data = sv_mul(n_rows, row_bytes, &bytes) ? sv_arena_alloc(arena, bytes) : NULL;
        if (!all->data)
            return sv_arena_fail(arena, n_rows * row_bytes, err);
    }
    memcpy((char *)(uintptr_t)all->data + at * row_bytes, t->data, part->n_rows * row_bytes);
    return SAVOR_OK;
}

/* Many rows by blocks, so that the clock is looked at now and then. */
static savor_status predict_blocks(const sv_predictor *predictor, const sv_request *request, const sv_frame *frame,
                                   const sv_params *params, sv_arena *arena, sv_payload *out, savor_error *err)
{
    sv_column *columns = sv_arena_array(arena, frame->n_columns, sizeof *columns);
    sv_tensor all = {.n_dims = 0};
    savor_status st = columns ? SAVOR_OK : sv_arena_fail(arena, frame->n_columns * sizeof *columns, err);
    for (size_t at = 0; !st && at < frame->n_rows; at += BLOCK_ROWS) {
        size_t left = frame->n_rows - at;
        sv_payload in = {.kind = SV_PAYLOAD_FRAME}, block;
        in.frame = (sv_frame){
            .n_rows = left < BLOCK_ROWS ? left : BLOCK_ROWS, .n_columns = frame->n_columns, .columns = columns};
        for (size_t c = 0; c < frame->n_columns; c++) {
            columns[c] = frame->columns[c];
            columns[c].data = (const char *)columns[c].data + at * sv_dtype_size(columns[c].dtype);
        }
        if (!(st = check_time(request, err)) &&
            !(st = predictor->cls->predict(predictor, &in, params, arena, &block, err)))
            st = join_block(&block, &in.frame, at, frame->n_rows, arena, &all, err);
    }
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = all};
    return st;
}

/* Long enough, and of columns that mean the same in part: objects may change their dtype with their neighbours. */
static bool can_split(const sv_payload *in)
{
    for (size_t c = 0; in->kind == SV_PAYLOAD_FRAME && c < in->frame.n_columns; c++)
        if (in->frame.columns[c].dtype == SAVOR_OBJECT)
            return false;
    return in->kind == SV_PAYLOAD_FRAME && in->frame.n_rows > BLOCK_ROWS;
}

static savor_status predict(const sv_predictor *predictor, const sv_request *request, const sv_payload *in,
                            const sv_params *params, sv_arena *arena, sv_payload *out, savor_error *err)
{
    if (request->deadline_us && predictor->cls->is_row_wise && can_split(in))
        return predict_blocks(predictor, request, &in->frame, params, arena, out, err);
    return predictor->cls->predict(predictor, in, params, arena, out, err);
}

savor_status sv_model_answer(const savor_model *model, const sv_request *request, bool hide_details, sv_arena *arena,
                             sv_payload *out, savor_error *err)
{
    const sv_mlmodel *record = model->record;
    sv_enforce_rules rules = {model->profile.era, model->profile.pandas_major, hide_details, model->profile.nesting};
    sv_payload enforced = request->payload;
    sv_params params;
    savor_status st = check_time(request, err);
    if (!st && record->signature.inputs && !record->is_signature_from_type_hint && !request->is_enforced)
        st = sv_enforce(&request->payload, record->signature.inputs, &rules, arena, &enforced, err);
    if (st == SAVOR_SCHEMA)
        return word_enforcement(model, hide_details, err);
    if (st || (st = sv_params_enforce(request->params, &record->signature, arena, &params, err)))
        return st;
    if ((st = check_time(request, err)))
        return st;
    st = predict(model->predictor, request, &enforced, &params, arena, out, err);
    return st == SAVOR_MODEL ? word_failure(err) : st ? st : check_time(request, err);
}
