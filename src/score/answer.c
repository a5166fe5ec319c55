#include "model/params.h"
#include "score/model.h"

/* The fixed words around an enforcement error; what the request held is never repeated. */
static savor_status word_enforcement(const savor_model *model, bool hide_details, savor_error *err)
{
    char detail[sizeof err->message];
    if (model->profile.era == SV_ERA_1)
        return SAVOR_SCHEMA; /* 1.x sends the bare message */
    memcpy(detail, err->message, sizeof detail);
    if (hide_details)
        return sv_fail(err, SAVOR_SCHEMA, "Failed to enforce model input schema. Please check your input data.");
    return sv_fail(err, SAVOR_SCHEMA, "Failed to enforce schema of data. Error: %s", detail);
}

static savor_status word_failure(savor_error *err)
{
    char detail[sizeof err->message];
    memcpy(detail, err->message, sizeof detail);
    return sv_fail(err, SAVOR_MODEL,
                   "Encountered an unexpected error while evaluating the model. Verify that the serialized input "
                   "Dataframe is compatible with the model for inference. Error: %s",
                   detail);
}

savor_status sv_model_answer(const savor_model *model, const sv_request *request, bool hide_details, sv_arena *arena,
                             sv_payload *out, savor_error *err)
{
    const sv_mlmodel *record = model->record;
    sv_enforce_rules rules = {model->profile.era, model->profile.pandas_major, hide_details, model->profile.nesting};
    sv_payload enforced = request->payload;
    sv_params params;
    savor_status st = SAVOR_OK;
    if (record->signature.inputs && !record->is_signature_from_type_hint && !request->is_enforced)
        st = sv_enforce(&request->payload, record->signature.inputs, &rules, arena, &enforced, err);
    if (st == SAVOR_SCHEMA)
        return word_enforcement(model, hide_details, err);
    if (st || (st = sv_params_enforce(request->params, &record->signature, arena, &params, err)))
        return st;
    st = model->predictor->cls->predict(model->predictor, &enforced, &params, arena, out, err);
    return st == SAVOR_MODEL ? word_failure(err) : st;
}
