/* infer_write.c: an inferred signature as the MLflow of an era writes it. Source: MLflow 1.30 and 2.16
 * mlflow/types/schema.py; newer ones: schema_write.c. */
#include "model/infer.h"

/* {"name": "a", "type": "long"}: 1.x has scalar types only. */
static void put_column_1(const sv_spec *spec, sv_buf *out)
{
    sv_buf_put_char(out, '{');
    if (spec->has_name) {
        sv_buf_put_text(out, "\"name\": ");
        if (sv_label_is_number(&spec->name))
            sv_json_put_int64(out, spec->name.number);
        else
            sv_json_put_string(out, spec->name.text);
        sv_buf_put_text(out, ", ");
    }
    sv_buf_printf(out, "\"type\": \"%s\"}", sv_type_name(spec->type.kind));
}

void sv_schema_write_as(const sv_schema *schema, const sv_infer_rules *rules, sv_buf *out)
{
    if (rules->era != SV_ERA_1 || schema->is_tensor) {
        sv_schema_write(schema, out);
        return;
    }
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < schema->n_specs; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        put_column_1(&schema->specs[i], out);
    }
    sv_buf_put_char(out, ']');
}

/* Before params could be objects the type came first. */
static void put_param_2(const sv_param_spec *param, sv_buf *out)
{
    sv_buf_put_text(out, "{\"name\": ");
    sv_json_put_string(out, param->name);
    sv_buf_printf(out, ", \"type\": \"%s\", \"default\": ", sv_type_name(param->type.kind));
    sv_json_put_value(out, param->default_json);
    sv_buf_put_text(out, param->is_list ? ", \"shape\": [-1]}" : ", \"shape\": null}");
}

void sv_params_write_as(const sv_signature *signature, const sv_infer_rules *rules, sv_buf *out)
{
    if (rules->has_any) {
        sv_params_write(signature, out);
        return;
    }
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < signature->n_params; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        put_param_2(&signature->params[i], out);
    }
    sv_buf_put_char(out, ']');
}
