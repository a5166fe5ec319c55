/*
 * infer_fuzz.c: the bytes as data of a caller, in each era: the schema that is inferred can be read back, and the
 * example that is made of the data makes a request; then as the texts of an example file of each type.
 */
#include "score/data_read.h"
#include "score/example.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)

static void check_schema(const sv_payload *payload, const sv_infer_rules *rules, sv_arena *arena)
{
    sv_infer_data data = {payload, false};
    sv_buf text = SV_BUF_INIT(8 << 20);
    const sv_schema *schema, *again;
    savor_error err;
    if (!sv_schema_infer(&data, rules, arena, &schema, &err)) {
        sv_schema_write_as(schema, rules, &text);
        if (!text.failed && sv_schema_read(sv_buf_view(&text), arena, &again, &err) == SAVOR_FORMAT)
            abort();
    }
    sv_buf_deinit(&text);
}

static void check_example(const sv_payload *payload, const sv_infer_rules *rules, sv_arena *arena)
{
    sv_example_data data = {.payload = payload};
    sv_buf request = SV_BUF_INIT(8 << 20);
    savor_example *example;
    savor_error err;
    if (sv_example_new(&example, &err))
        abort();
    if (!sv_example_write(&data, rules, arena, example, &err)) {
        sv_example_info info = {.type = sv_str_of(example->type), .format = SV_STR("tf-serving")};
        if (sv_example_make_request(sv_buf_view(&example->input), &info, rules->era, arena, &request, &err) ==
            SAVOR_FORMAT)
            abort();
    }
    sv_buf_deinit(&request);
    savor_example_free(example);
}

static void check_data(const uint8_t *bytes, size_t size, savor_profile era)
{
    savor_data data = {.content_type = "application/json", .body = bytes, .body_bytes = size};
    sv_profile profile = sv_profile_of_era(era);
    sv_infer_rules rules = sv_infer_rules_of(&profile);
    sv_signature signature = {.n_params = 0};
    sv_payload payload;
    sv_value params;
    sv_arena arena;
    savor_error err;
    sv_arena_init(&arena, ARENA_BYTES);
    if (!sv_data_read(&data, &profile, &arena, &payload, &err)) {
        check_schema(&payload, &rules, &arena);
        check_example(&payload, &rules, &arena);
    }
    if (!sv_data_read_params(&data, &profile, &arena, &params, &err))
        (void)!sv_params_infer(&params, &rules, &arena, &signature, &err);
    sv_arena_deinit(&arena);
}

static void check_file(sv_str text, const char *type)
{
    sv_example_info info = {.type = sv_str_of(type), .has_params = text.n % 2};
    sv_buf request = SV_BUF_INIT(8 << 20);
    savor_error err;
    sv_arena arena;
    sv_arena_init(&arena, ARENA_BYTES);
    (void)!sv_example_make_request(text, &info, SV_ERA_3, &arena, &request, &err);
    sv_buf_deinit(&request);
    sv_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const TYPES[] = {"dataframe", "ndarray", "json_object", "sparse_matrix_csr",
                                        "sparse_matrix_csc"};
    check_data(data, size, SAVOR_PROFILE_1);
    check_data(data, size, SAVOR_PROFILE_2);
    check_data(data, size, SAVOR_PROFILE_3);
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        check_file((sv_str){(const char *)data, size}, TYPES[i]);
    return 0;
}
