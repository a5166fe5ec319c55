#include "flavor/predictor.h"

savor_status sv_predictor_new(size_t size, const sv_predictor_class *cls, size_t max_bytes, sv_predictor **out,
                              savor_error *err)
{
    sv_arena arena;
    *out = NULL;
    sv_arena_init(&arena, max_bytes);
    sv_predictor *p = sv_arena_array(&arena, 1, size);
    if (!p) {
        savor_status st = sv_arena_fail(&arena, size, err);
        sv_arena_deinit(&arena);
        return st;
    }
    p->cls = cls;
    p->arena = arena; /* the struct lies in its own arena; from here on only this copy is used */
    *out = p;
    return SAVOR_OK;
}

savor_status sv_predictor_keep_text(sv_predictor *predictor, sv_str text, sv_str *out, savor_error *err)
{
    *out = (sv_str){sv_arena_text(&predictor->arena, text.p ? text.p : "", text.n), text.n};
    return out->p ? SAVOR_OK : sv_arena_fail(&predictor->arena, text.n, err);
}

void sv_predictor_free(sv_predictor *predictor)
{
    if (!predictor)
        return;
    if (predictor->cls->close)
        predictor->cls->close(predictor);
    sv_arena arena = predictor->arena; /* out of the memory that it ends */
    sv_arena_deinit(&arena);
}
