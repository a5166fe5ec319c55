/* server_test.c: making and ending a server: every allocation fails once, bad options, stop before run. */
#include "base/alloc.h"

#include "unit/test.h"

#include <dirent.h>
#include <savor/server.h>
#include <string.h>

/* Stand in for room `score`. */
savor_profile savor_model_get_profile(const savor_model *model)
{
    (void)model;
    return SAVOR_PROFILE_3;
}

int savor_model_is_ready(const savor_model *model)
{
    (void)model;
    return 1;
}

int savor_model_get_n_workers(const savor_model *model)
{
    (void)model;
    return 0; /* the loops compute */
}

savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options, savor_scorer **out,
                              savor_error *err)
{
    (void)model;
    (void)err;
    assert_int_equal(options->size, sizeof *options);
    *out = sv_alloc(1);
    return *out ? SAVOR_OK : SAVOR_NOMEM;
}

void savor_scorer_free(savor_scorer *scorer) { sv_free(scorer); }

savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out)
{
    (void)scorer;
    (void)request;
    *out = (savor_response){.http_status = 200, .content_type = "text/plain", .body = "", .message = ""};
    return SAVOR_OK;
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;
    assert_non_null(folder);
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static void test_failing_memory(void **state)
{
    (void)state;
    savor_server_options options = {.size = sizeof options, .n_workers = 3, .version_text = "1"};
    savor_server *server = NULL;
    int n_descriptors = count_descriptors(), n_failed = 0;
    for (long allowed = 0; !server; allowed++) {
        savor_error err;
        sv_alloc_fail_after(allowed);
        savor_status status = savor_server_new(NULL, &options, &server, &err);
        sv_alloc_fail_after(-1);
        assert_int_equal(status, server ? SAVOR_OK : SAVOR_NOMEM);
        n_failed += !server;
        assert_true(server || count_descriptors() == n_descriptors);
    }
    assert_true(n_failed > 8);
    savor_server_free(server);
    assert_int_equal(count_descriptors(), n_descriptors);
}

static void count_line(void *context, const char *text, size_t n)
{
    size_t *n_bytes = context;
    assert_true(n > 0 && text[n - 1] != '\n');
    *n_bytes += n;
}

static void test_stop_before_run(void **state)
{
    (void)state;
    size_t n_logged = 0;
    savor_server_options options = {
        .size = sizeof options, .n_workers = 2, .log = count_line, .log_context = &n_logged};
    savor_server *server;
    savor_error err;
    assert_int_equal(savor_server_new(NULL, &options, &server, &err), SAVOR_OK);
    assert_true(savor_server_get_port(server) > 0);
    savor_server_stop(server);
    savor_server_stop(server);
    assert_int_equal(savor_server_run(server, &err), SAVOR_OK);
    assert_true(n_logged > 0);
    savor_server_free(server);
    savor_server_free(NULL);
}

static void test_options(void **state)
{
    (void)state;
    savor_server *server, *other;
    savor_error err;
    savor_server_options options = {.size = sizeof options, .port = 65536};
    assert_int_equal(savor_server_new(NULL, &options, &server, &err), SAVOR_USAGE);
    assert_null(server);
    options = (savor_server_options){.size = sizeof options, .host = "no.such.host.invalid"};
    assert_int_equal(savor_server_new(NULL, &options, &server, &err), SAVOR_USAGE);
    options = (savor_server_options){.size = sizeof options, .n_workers = 100000};
    assert_int_equal(savor_server_new(NULL, &options, &server, &err), SAVOR_USAGE);

    assert_int_equal(savor_server_new(NULL, NULL, &server, &err), SAVOR_OK);
    options = (savor_server_options){.size = sizeof options, .port = savor_server_get_port(server)};
    assert_int_equal(savor_server_new(NULL, &options, &other, &err), SAVOR_IO);
    assert_null(other);
    savor_server_free(server);

    /* An older program's options end before the newer members. */
    options = (savor_server_options){.size = offsetof(savor_server_options, n_workers), .n_workers = 100000};
    assert_int_equal(savor_server_new(NULL, &options, &server, &err), SAVOR_OK);
    savor_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failing_memory),
        cmocka_unit_test(test_stop_before_run),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
