/* forest_kernel.c: the fast form of a forest. */
#include "engine/forest.h"

savor_status sv_forest_lower(sv_forest *forest, sv_arena *arena, savor_error *err)
{
    (void)arena;
    (void)err;
    forest->kernel = NULL;
    return SAVOR_OK;
}

savor_status sv_forest_predict(const sv_forest *forest, size_t first_tree, size_t end_tree, const void *rows,
                               size_t n_rows, void *sums, sv_arena *scratch, savor_error *err)
{
    (void)scratch;
    (void)err;
    sv_forest_walk(forest, first_tree, end_tree, rows, n_rows, sums);
    return SAVOR_OK;
}
