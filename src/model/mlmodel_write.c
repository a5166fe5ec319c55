/* mlmodel_write.c: the record -> the bytes that MLflow writes. Source: docs/formats/mlmodel.md. */
#include "base/alloc.h"
#include "model/mlmodel.h"

/* Keys that MLflow leaves out when they are null; it writes all others, null or not. */
static bool is_left_out(const sv_pair *pair)
{
    static const char *const KEYS[] = {
        "artifact_path", "run_id",   "mlflow_version",   "metadata",  "resources",
        "auth_policy",   "env_vars", "model_size_bytes", "signature", "saved_input_example_info"};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        if (sv_node_is_null(pair->value) && pair->key->kind == SV_NODE_STRING && sv_str_is(pair->key->text, KEYS[i]))
            return true;
    }
    return false;
}

savor_status sv_mlmodel_write(const sv_mlmodel *model, sv_buf *out, savor_error *err)
{
    sv_node root = *model->root;
    sv_pair *pairs = sv_alloc_array(root.n, sizeof *pairs);
    if (!pairs)
        return sv_fail_nomem(err, root.n * sizeof *pairs);
    size_t n = 0;
    for (size_t i = 0; i < root.n; i++) {
        if (!is_left_out(&root.pairs[i]))
            pairs[n++] = root.pairs[i];
    }
    root.pairs = pairs;
    root.n = n;
    savor_status st = sv_yaml_write(&root, out, err);
    sv_free(pairs);
    return st;
}
