/* yaml_check.c: runs recorded YAML cases.
 *
 *     yaml_check read FILE       YAML text -> value
 *     yaml_check write FILE      value under flavors.x -> MLmodel text
 *     yaml_check round FILE...   files that MLflow wrote, read and written back to the same bytes
 *
 * Prints each failure and "N passed, N failed"; exit 1 on any failure that is not listed as known.
 */
#include "corpus/vectors.h"

#include <stdio.h>

static unsigned n_passed, n_failed, n_known;

/* Where libyaml reads otherwise than PyYAML's own scanner, and what libsavor refuses on purpose. */
static const char *known_reason(sv_str id)
{
    static const struct {
        const char *id, *reason;
    } KNOWN[] = {
        {"yaml/read/146", "libyaml refuses an unknown directive"},
        {"yaml/read/159", "libyaml takes a tab behind a colon as a blank"},
        {"yaml/read/161", "libyaml takes a tab behind a value as a blank"},
        {"yaml/read/189", "libyaml refuses escaped surrogates"},
        {"yaml/read/190", "libyaml refuses escaped surrogates"},
        {"yaml/read/223", "a mapping inside itself is refused"},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if (sv_str_is(id, KNOWN[i].id))
            return KNOWN[i].reason;
    }
    return NULL;
}

static void report(bool ok, sv_str id, sv_str text, const char *message)
{
    const char *reason = ok ? NULL : known_reason(id);
    *(ok ? &n_passed : reason ? &n_known : &n_failed) += 1;
    if (!ok && reason)
        printf("known %.*s: %s\n", SV_FMT(id), reason);
    else if (!ok)
        printf("FAILED %.*s: %.*s: %s\n", SV_FMT(id), SV_FMT(text), message);
}

static void check_read(const sv_json *vector, sv_arena *arena)
{
    sv_str text = sv_json_text(sv_json_find(vector, "text"));
    const sv_json *expected = sv_json_find(sv_json_find(vector, "expect"), "3.x");
    const sv_json *value = sv_json_find(expected, "ok");
    const sv_node *node;
    savor_error err = {0};
    savor_status st = sv_yaml_parse(text, &SV_YAML_LIMITS, arena, &node, &err);
    bool ok = value ? !st && vectors_equal(node, value) : st == SAVOR_FORMAT && err.where[0];
    report(ok, sv_json_text(sv_json_find(vector, "id")), text, st ? err.message : "read as something else");
}

static const sv_pair *find_pair(const sv_node *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (sv_str_is(map->pairs[i].key->text, key))
            return &map->pairs[i];
    }
    return NULL;
}

/* The value stands under flavors.x in the MLmodel text of a version: the rest is taken from the expected text. */
static void check_write(const sv_json *vector, const sv_json *expected, sv_arena *arena)
{
    const sv_json *ok = sv_json_find(expected, "ok");
    if (!ok)
        return;
    sv_str want = sv_json_text(ok);
    savor_error err = {0};
    const sv_node *root;
    sv_buf out = SV_BUF_INIT(1 << 20);
    savor_status st = sv_yaml_parse(want, &SV_YAML_LIMITS, arena, &root, &err);
    if (!st) {
        sv_node copy = *root, flavors = *find_pair(root, "flavors")->value;
        sv_pair pairs[16], x = {flavors.pairs[0].key, vectors_node(sv_json_find(vector, "value"), arena)};
        memcpy(pairs, root->pairs, root->n * sizeof *pairs);
        flavors.pairs = &x;
        pairs[find_pair(root, "flavors") - root->pairs].value = &flavors;
        copy.pairs = pairs;
        st = sv_yaml_write(&copy, &out, &err);
    }
    report(!st && sv_str_equal(sv_buf_view(&out), want), sv_json_text(sv_json_find(vector, "id")), sv_buf_view(&out),
           err.message);
    sv_buf_deinit(&out);
}

static bool check_file(const char *mode, const char *path)
{
    sv_buf text = SV_BUF_INIT(64 << 20);
    sv_arena arena;
    const sv_json *root = NULL;
    sv_arena_init(&arena, SIZE_MAX);
    bool ok = vectors_read(path, &text) &&
              sv_json_parse(sv_buf_view(&text), &SV_JSON_LIMITS, &arena, &root, NULL, NULL) == SAVOR_OK;
    const sv_json *list = ok ? sv_json_find(root, "vectors") : NULL;
    const sv_json *vector = list ? list + 1 : NULL;
    for (size_t i = 0; list && i < list->n; i++, vector = sv_json_next(vector)) {
        const sv_json *expected = sv_json_find(vector, "expect");
        const sv_json *version = expected + 1;
        if (strcmp(mode, "read") == 0)
            check_read(vector, &arena);
        for (size_t j = 0; strcmp(mode, "write") == 0 && j < expected->n; j++) {
            check_write(vector, version + 1, &arena);
            version = sv_json_next(version + 1);
        }
    }
    sv_arena_deinit(&arena);
    sv_buf_deinit(&text);
    return ok;
}

static void check_round(const char *path)
{
    sv_buf text = SV_BUF_INIT(64 << 20), out = SV_BUF_INIT(64 << 20);
    sv_arena arena;
    savor_error err = {0};
    const sv_node *root;
    sv_arena_init(&arena, SIZE_MAX);
    bool ok = vectors_read(path, &text) && !sv_yaml_parse(sv_buf_view(&text), &SV_YAML_LIMITS, &arena, &root, &err) &&
              !sv_yaml_write(root, &out, &err) && sv_str_equal(sv_buf_view(&text), sv_buf_view(&out));
    report(ok, sv_str_of(path), SV_STR("not the same bytes"), err.message);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&text);
    sv_buf_deinit(&out);
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[1], "round") == 0)
            check_round(argv[i]);
        else if (!check_file(argv[1], argv[i]))
            n_failed++;
    }
    printf("%s: %u passed, %u failed, %u known\n", argc > 1 ? argv[1] : "", n_passed, n_failed, n_known);
    return n_failed || !n_passed;
}
