#include "base/alloc.h"
#include "score/frame.h"
#include "score/model.h"

#define PREDICT_BYTES_MAX ((size_t)64 << 30)

struct savor_prediction {
    sv_arena arena; /* holds everything that the engine made */
    sv_tensor tensor;
    const char **texts; /* NULL for numbers */
};

/* NUL-terminated copies of a text answer. */
static savor_status copy_texts(savor_prediction *p, savor_error *err)
{
    if (p->tensor.dtype != SAVOR_STRING && p->tensor.dtype != SAVOR_OBJECT)
        return SAVOR_OK;
    if (p->tensor.dtype == SAVOR_OBJECT)
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "the model answers with Python objects, which this interface does not hold");
    const sv_str *items = p->tensor.data;
    p->texts = sv_arena_array(&p->arena, p->tensor.n_items, sizeof *p->texts);
    for (size_t i = 0; p->texts && i < p->tensor.n_items; i++)
        if (!(p->texts[i] = sv_arena_text(&p->arena, items[i].p ? items[i].p : "", items[i].n)))
            p->texts = NULL;
    return p->texts ? SAVOR_OK : sv_arena_fail(&p->arena, 0, err);
}

savor_status savor_model_predict(const savor_model *model, const savor_frame *frame, savor_prediction **out,
                                 savor_error *err)
{
    sv_request request = {.payload = {.kind = SV_PAYLOAD_FRAME, .frame = frame->view}};
    savor_error own;
    sv_payload answer;
    err = err ? err : &own; /* the wording of failures reads it */
    savor_prediction *p = sv_alloc_array(1, sizeof *p);
    *out = NULL;
    if (!p)
        return sv_fail_nomem(err, sizeof *p);
    sv_arena_init(&p->arena, PREDICT_BYTES_MAX);
    savor_status st = sv_model_answer(model, &request, false, &p->arena, &answer, err);
    if (!st && answer.kind == SV_PAYLOAD_EXCEPTION)
        st = sv_fail(err, SAVOR_MODEL, "%.*s", SV_FMT(answer.exception.message));
    if (!st && answer.kind != SV_PAYLOAD_TENSOR)
        st = sv_fail(err, SAVOR_UNSUPPORTED, "the model answers with a table, which this interface does not hold");
    if (!st) {
        p->tensor = answer.tensor;
        st = copy_texts(p, err);
    }
    if (st) {
        savor_prediction_free(p);
        return st;
    }
    *out = p;
    return SAVOR_OK;
}

savor_dtype savor_prediction_get_dtype(const savor_prediction *prediction) { return prediction->tensor.dtype; }

const size_t *savor_prediction_get_shape(const savor_prediction *prediction, size_t *n_dims)
{
    *n_dims = prediction->tensor.n_dims;
    return prediction->tensor.shape;
}

const void *savor_prediction_get_data(const savor_prediction *prediction)
{
    return prediction->texts ? NULL : prediction->tensor.data;
}

const char *savor_prediction_get_text(const savor_prediction *prediction, size_t i)
{
    return prediction->texts ? prediction->texts[i] : NULL;
}

void savor_prediction_free(savor_prediction *prediction)
{
    if (!prediction)
        return;
    sv_arena_deinit(&prediction->arena);
    sv_free(prediction);
}
