/* router_test.c: routes, manners per profile, hosts, and answers as bytes; no sockets. */
#include "serve/host_priv.h"
#include "serve/http_write_priv.h"
#include "serve/router_priv.h"

#include "unit/test.h"

/* The crew and /ping ask for more; nothing is computed away from the loop here. */
savor_status savor_scorer_new(const savor_model *model, const savor_score_options *options, savor_scorer **out,
                              savor_error *err)
{
    (void)model;
    (void)options;
    (void)err;
    *out = NULL;
    return SAVOR_NOMEM;
}

void savor_scorer_free(savor_scorer *scorer) { (void)scorer; }

int savor_model_is_ready(const savor_model *model)
{
    (void)model;
    return 1;
}

/* Stands in for room `score`: says what it was given. */
savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out)
{
    (void)scorer;
    *out = (savor_response){.http_status = 200, .content_type = "application/json", .message = ""};
    out->body = request->content_type ? request->body : "none";
    out->body_bytes = request->content_type ? request->body_bytes : 4;
    return SAVOR_OK;
}

static sv_site site_of(savor_profile profile, bool forced)
{
    return (sv_site){.manners = sv_manners_find(profile, forced),
                     .version_text = SV_STR("1.2.3"),
                     .own_host = SV_STR("127.0.0.1:5000")};
}

static sv_answer ask(const sv_site *site, const char *method, const char *path)
{
    sv_call call = {.method = sv_str_of(method),
                    .path = sv_str_of(path),
                    .host = SV_STR("h"),
                    .body = SV_STR("body"),
                    .content_type = SV_STR("t"),
                    .has_content_type = true};
    sv_answer answer = {0};
    const sv_route *route = sv_route_find(site, &call, &answer);
    if (route)
        route->answer(site, &call, &answer);
    return answer;
}

typedef struct edge_row {
    const char *method, *path;
    int forced[3], automatic; /* status in 1.x, 2.x, 3.x; and of 3.x unforced */
} edge_row;

/* The first three columns are what MLflow 1.30.1, 2.16.2 and 3.17.2 answered. */
static const edge_row EDGES[] = {
    {"GET", "/ping", {200, 200, 200}, 200},         {"GET", "/health", {200, 200, 200}, 200},
    {"GET", "/version", {200, 200, 200}, 200},      {"HEAD", "/ping", {200, 200, 405}, 200},
    {"HEAD", "/version", {200, 200, 405}, 200},     {"HEAD", "/invocations", {405, 405, 405}, 405},
    {"OPTIONS", "/ping", {200, 200, 405}, 405},     {"OPTIONS", "/invocations", {200, 200, 405}, 405},
    {"POST", "/ping", {405, 405, 405}, 405},        {"PUT", "/invocations", {405, 405, 405}, 405},
    {"POST", "/invocations", {200, 200, 200}, 200}, {"GET", "/", {404, 404, 404}, 404},
    {"POST", "/unknown", {404, 404, 404}, 404},     {"GET", "/ping/", {404, 404, 307}, 307},
    {"GET", "//ping", {200, 200, 404}, 404},        {"GET", "/PING", {404, 404, 404}, 404},
    {"GET", "/%70ing", {200, 200, 200}, 200},       {"GET", "/%7", {404, 404, 404}, 404},
    {"GET", "/ping%00", {404, 404, 404}, 404},      {"GET", "/ping%2F", {404, 404, 307}, 307},
    {"get", "/ping", {400, 400, 405}, 405},         {"FOO", "/ping", {405, 405, 405}, 405},
};

static void test_edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof EDGES / sizeof EDGES[0]; i++) {
        sv_site site = site_of(SAVOR_PROFILE_3, false);
        assert_int_equal(ask(&site, EDGES[i].method, EDGES[i].path).http_status, EDGES[i].automatic);
        for (int p = 0; p < 3; p++) {
            site = site_of((savor_profile)(SAVOR_PROFILE_1 + p), true);
            assert_int_equal(ask(&site, EDGES[i].method, EDGES[i].path).http_status, EDGES[i].forced[p]);
        }
    }
}

static void test_long_path(void **state)
{
    (void)state;
    char path[300];
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    sv_site site = site_of(SAVOR_PROFILE_1, true);
    assert_int_equal(ask(&site, "GET", path).http_status, 404);
}

static void test_bodies(void **state)
{
    (void)state;
    sv_site site = site_of(SAVOR_PROFILE_3, true);
    assert_true(sv_str_is(ask(&site, "GET", "/ping").body, "\n"));
    assert_true(sv_str_is(ask(&site, "GET", "/version").body, "1.2.3"));
    assert_true(sv_str_is(ask(&site, "GET", "/x").body, "{\"detail\":\"Not Found\"}"));
    assert_true(sv_str_is(ask(&site, "PUT", "/ping").allow, "GET"));
    assert_true(sv_str_is(ask(&site, "POST", "/invocations").body, "body"));
    site = site_of(SAVOR_PROFILE_3, false);
    assert_true(sv_str_is(ask(&site, "PUT", "/ping").allow, "GET, HEAD"));
}

static const char DATE[] = "Sun, 06 Nov 1994 08:49:37 GMT";

static void check_bytes(const sv_answer *answer, sv_framing framing, const char *wanted)
{
    sv_buf out = SV_BUF_INIT(1 << 20);
    framing.date = DATE;
    sv_http_write(&out, answer, &framing);
    assert_string_equal(out.p, wanted);
    sv_buf_deinit(&out);
}

#define START(status, n)                                                              \
    "HTTP/1.1 " status "\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nserver: savor\r\n" \
    "content-length: " n "\r\n"
#define END "x-content-type-options: nosniff\r\n\r\n"

static void test_written(void **state)
{
    (void)state;
    sv_site site = site_of(SAVOR_PROFILE_3, true);
    sv_answer answer = ask(&site, "GET", "/ping");
    check_bytes(&answer, (sv_framing){0}, START("200 OK", "1") "content-type: application/json\r\n" END "\n");
    check_bytes(&answer, (sv_framing){.is_head = true, .closes = true},
                START("200 OK", "1") "content-type: application/json\r\nconnection: close\r\n" END);
    check_bytes(&answer, (sv_framing){.is_head = true, .tells_keep_alive = true},
                START("200 OK", "1") "content-type: application/json\r\nconnection: keep-alive\r\n" END);
    answer = ask(&site, "GET", "/ping/");
    answer.location_query = SV_STR("a=<\">\\b");
    check_bytes(&answer, (sv_framing){0},
                START("307 Temporary Redirect", "0") "location: http://h/ping?a=%3C%22%3E%5Cb\r\n" END);
    answer = ask(&site, "PUT", "/invocations");
    check_bytes(&answer, (sv_framing){0},
                START("405 Method Not Allowed", "31") "content-type: application/json\r\nallow: POST\r\n" END
                                                      "{\"detail\":\"Method Not Allowed\"}");
    sv_answer_text(&answer, 503, SAVOR_BUSY, "x", NULL);
    answer.retry_after_s = 1;
    check_bytes(&answer, (sv_framing){0},
                START("503 Service Unavailable",
                      "1") "content-type: text/plain; charset=utf-8\r\nretry-after: 1\r\n" END "x");
}

typedef struct host_row {
    const char *host, *names;
    bool allowed;
} host_row;

static const host_row HOSTS[] = {
    {"localhost", "", true},
    {"LocalHost:5000", "", true},
    {"a.localhost", "", true},
    {"localhost.:80", "", true},
    {"127.0.0.1:1", "", true},
    {"127.8.9.10", "", true},
    {"[::1]:5000", "", true},
    {"", "", true},
    {"example.org", "", false},
    {"127.0.0.1.example.org", "", false},
    {"127.0.0", "", false},
    {"127.0.0.1.5", "", false},
    {"128.0.0.1", "", false},
    {"127.0.0.256", "", false},
    {"xlocalhost", "", false},
    {"[::2]", "", false},
    {"a.org:1", "b.org, A.org", true},
    {"a.org", "b.org,c.org", false},
    {"x.a.org", "*.a.org", true},
    {"a.org", "*.a.org", false},
    {"evila.org", "*.a.org", false},
    {"anything", "*", true},
    {"[fe80::1]:5", "[fe80::1]", true},
};

static void test_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++)
        assert_int_equal(sv_host_is_allowed(sv_str_of(HOSTS[i].host), sv_str_of(HOSTS[i].names)), HOSTS[i].allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),   cmocka_unit_test(test_long_path), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_written), cmocka_unit_test(test_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
