/* connection_test.c: whole conversations over a wire without sockets; the same answers however the input is split. */
#include "unit/serve/wire.h"
#include "unit/test.h"

#include <stdio.h>

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

static char last_type[16]; /* what the scorer was told */

/* Stands in for room `score`: echoes the body. */
savor_status savor_scorer_score(savor_scorer *scorer, const savor_request *request, savor_response *out)
{
    (void)scorer;
    snprintf(last_type, sizeof last_type, "%.*s", (int)request->content_type_bytes, request->content_type);
    *out = (savor_response){.http_status = 200, .content_type = "application/json", .message = ""};
    out->body = request->body;
    out->body_bytes = request->body_bytes;
    return SAVOR_OK;
}

#define HOST "Host: localhost\r\n"
#define POST(fields, body) "POST /invocations HTTP/1.1\r\n" HOST "Content-Type: t\r\n" fields "\r\n" body

/* The statuses of all answers and their bodies: "200[abc]404[...]", with "!" where the server closes. */
static void summarize(const wire *w, char *text, size_t size)
{
    const char *p = w->sent, *end = w->sent + w->n_sent;
    size_t n = 0;
    text[0] = '\0';
    while (p < end) {
        char *copy = strndup(p, (size_t)(end - p));
        int status = 0;
        unsigned long length = 0;
        char *blank = strstr(copy, "\r\n\r\n"), *field = strstr(copy, "content-length: ");
        assert_non_null(blank);
        assert_int_equal(sscanf(copy, "HTTP/1.1 %d", &status), 1);
        size_t n_head = (size_t)(blank - copy) + 4;
        if (field && field < blank)
            assert_int_equal(sscanf(field, "content-length: %lu", &length), 1);
        assert_true(n_head + length <= (size_t)(end - p));
        bool is_text = length < 40;
        n += (size_t)snprintf(text + n, size - n, "%d[%.*s]", status, is_text ? (int)length : 0, blank + 4);
        p += n_head + length;
        free(copy);
    }
    bool is_over = w->conn.phase == SV_PHASE_CLOSED || w->conn.phase == SV_PHASE_LINGER;
    snprintf(text + n, size - n, "%s", is_over ? "!" : "");
}

typedef struct talk_row {
    const char *input, *summary;
} talk_row;

static const talk_row TALKS[] = {
    {"GET /ping HTTP/1.1\r\n" HOST "\r\n", "200[\n]"},
    {"GET /ping HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", "200[\n]!"},
    {"GET /ping HTTP/1.0\r\n\r\n", "200[\n]!"},
    {"GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /ping HTTP/1.0\r\n\r\n", "200[\n]200[\n]!"},
    {POST("Content-Length: 3\r\n", "abc"), "200[abc]"},
    {POST("Content-Length: 3\r\n", "abc") POST("Content-Length: 2\r\n", "de") POST("", "") "GET /x HTTP/1.1\r\n" HOST
                                                                                           "\r\n",
     "200[abc]200[de]200[]404[{\"detail\":\"Not Found\"}]"},
    {POST("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\n")
         POST("Content-Length: 1\r\n", "f"),
     "200[abcde]200[f]"},
    {POST("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n3\r\nde\r\n0\r\n\r\n"),
     "400[Invalid HTTP request received.]!"},
    {POST("Content-Length: 1\r\nContent-Length: 1\r\n", "a") POST("Content-Length: 1\r\n", "a"),
     "400[Invalid HTTP request received.]!"},
    {"GET /ping HTTP/1.1\r\n" HOST "\r\nGARBAGE\r\n\r\n", "200[\n]400[Invalid HTTP request received.]!"},
    {POST("Content-Length: 200001\r\n", ""), "413[Content Too Large]!"},
    {POST("Transfer-Encoding: chunked\r\n", "30d41\r\n"), "413[Content Too Large]!"},
    {"POST /x HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabcGET /ping HTTP/1.1\r\n" HOST "\r\n",
     "404[{\"detail\":\"Not Found\"}]200[\n]"},
    {"POST /x HTTP/1.1\r\n" HOST "Content-Length: 99999999\r\n\r\n", "404[{\"detail\":\"Not Found\"}]!"},
    {"GET /ping HTTP/1.1\r\n" HOST "Content-Length: 99999999\r\n\r\n", "413[Content Too Large]!"},
    {"GET /ping HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabcGET /ping HTTP/1.1\r\n" HOST "\r\n",
     "200[\n]200[\n]"},
    {POST("Expect: nothing\r\nContent-Length: 1\r\n", "a"), "417[Expectation Failed]!"},
    {"GET /ping HTTP/2.0\r\n" HOST "\r\n", "505[HTTP Version Not Supported]!"},
    {"GET /ping HTTP/0.9\r\n" HOST "\r\n", "400[Invalid HTTP request received.]!"},
    {"GET /ping HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403[]!"},
    {"GET http://evil.example/ping HTTP/1.1\r\n" HOST "\r\n", "403[]!"},
    {"GET http://localhost HTTP/1.1\r\n" HOST "\r\n", "404[{\"detail\":\"Not Found\"}]"},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "404[{\"detail\":\"Not Found\"}]"},
};

/* Of two Content-Type fields gunicorn takes the last and Starlette the first; by default they are refused. */
static void test_two_types(void **state)
{
    (void)state;
    static const char TWO[] = POST("Content-Type: u\r\nContent-Length: 1\r\n", "a");
    static const struct {
        savor_profile profile;
        bool forced;
        const char *summary, *type;
    } ROWS[] = {{SAVOR_PROFILE_1, true, "200[a]", "u"},
                {SAVOR_PROFILE_2, true, "200[a]", "u"},
                {SAVOR_PROFILE_3, true, "200[a]", "t"},
                {SAVOR_PROFILE_1, false, "400[Invalid HTTP request received.]!", ""},
                {SAVOR_PROFILE_3, false, "400[Invalid HTTP request received.]!", ""}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        wire w;
        char text[256];
        last_type[0] = '\0';
        wire_open(&w, ROWS[i].profile, ROWS[i].forced);
        wire_feed(&w, TWO, sizeof TWO - 1);
        summarize(&w, text, sizeof text);
        wire_close(&w);
        assert_string_equal(text, ROWS[i].summary);
        assert_string_equal(last_type, ROWS[i].type);
    }
}

static void check_talk(const talk_row *row, size_t cut, size_t step)
{
    wire w;
    char text[1024];
    size_t n = strlen(row->input);
    wire_open(&w, SAVOR_PROFILE_3, false);
    wire_feed(&w, row->input, cut);
    for (size_t at = cut; at < n; at += step)
        wire_feed(&w, row->input + at, at + step < n ? step : n - at);
    summarize(&w, text, sizeof text);
    wire_close(&w);
    if (strcmp(text, row->summary) != 0)
        print_error("cut at %zu: %s\n", cut, row->input);
    assert_string_equal(text, row->summary);
}

static void test_talks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TALKS / sizeof TALKS[0]; i++) {
        size_t n = strlen(TALKS[i].input);
        check_talk(&TALKS[i], 0, 1);
        for (size_t cut = 0; cut <= n; cut++)
            check_talk(&TALKS[i], cut, n);
    }
}

static void test_continue(void **state)
{
    (void)state;
    wire w;
    char text[256];
    wire_open(&w, SAVOR_PROFILE_3, false);
    const char *head = POST("Expect: 100-continue\r\nContent-Length: 3\r\n", "");
    wire_feed(&w, head, strlen(head));
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "100[]");
    wire_feed(&w, "abc", 3);
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "100[]200[abc]");
    wire_close(&w);

    /* A client that waits is told at once when its body is not wanted. */
    wire_open(&w, SAVOR_PROFILE_3, false);
    head = "POST /x HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    wire_feed(&w, head, strlen(head));
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "404[{\"detail\":\"Not Found\"}]!");
    wire_close(&w);
}

/* A socket that takes a few bytes at a time: everything comes, in order, and nothing is read meanwhile. */
static void test_slow_reader(void **state)
{
    (void)state;
    for (size_t room = 1; room < 400; room += 37) {
        wire w;
        char text[256];
        const char *input = POST("Content-Length: 3\r\n", "abc") POST("Content-Length: 2\r\n", "de")
            POST("Connection: close\r\nContent-Length: 2\r\n", "fg");
        wire_open(&w, SAVOR_PROFILE_3, false);
        w.n_room = 0;
        wire_feed(&w, input, strlen(input));
        assert_int_equal(w.conn.phase, SV_PHASE_WRITE);
        for (int i = 0; i < 1000 && w.conn.phase != SV_PHASE_CLOSED; i++) {
            w.n_room = room;
            wire_turn(&w);
        }
        summarize(&w, text, sizeof text);
        assert_string_equal(text, "200[abc]200[de]200[fg]!");
        wire_close(&w);
    }
}

/* Ten thousand pipelined requests against a client that reads nothing: what is buffered has a bound. */
static void test_bounded_output(void **state)
{
    (void)state;
    wire w;
    static char input[60 * 10000];
    size_t n = 0;
    for (int i = 0; i < 10000; i++)
        n += (size_t)snprintf(input + n, sizeof input - n, "GET /ping HTTP/1.1\r\n" HOST "\r\n");
    wire_open(&w, SAVOR_PROFILE_3, false);
    w.n_room = 0;
    wire_feed(&w, input, n);
    assert_int_equal(w.conn.phase, SV_PHASE_WRITE);
    assert_true(w.conn.n_out < 600000);
    assert_true(w.n_input > 0);
    w.n_room = SIZE_MAX;
    wire_turn(&w);
    assert_int_equal(w.n_input, 0);
    assert_int_equal(w.conn.n_requests, 10000);
    wire_close(&w);
}

static void test_warm_request_allocates_nothing(void **state)
{
    (void)state;
    wire w;
    const char *input = POST("Content-Length: 3\r\n", "abc");
    wire_open(&w, SAVOR_PROFILE_3, false);
    wire_feed(&w, input, strlen(input));
    wire_feed(&w, input, strlen(input));
    size_t before = sv_alloc_count();
    wire_feed(&w, input, strlen(input));
    assert_int_equal(sv_alloc_count(), before);
    assert_null(w.conn.in);
    assert_null(w.conn.out);
    wire_close(&w);
}

static void test_big_body(void **state)
{
    (void)state;
    wire w;
    char head[256];
    static char body[150000];
    memset(body, 'x', sizeof body);
    wire_open(&w, SAVOR_PROFILE_3, false);
    int n = snprintf(head, sizeof head, POST("Content-Length: %zu\r\n", ""), sizeof body);
    wire_feed(&w, head, (size_t)n);
    for (size_t at = 0; at < sizeof body; at += 10000) {
        wire_feed(&w, body + at, 10000);
        assert_true(w.conn.in_capacity <= sizeof body + 256);
    }
    assert_true(w.n_sent > sizeof body);
    assert_memory_equal(w.sent + w.n_sent - sizeof body, body, sizeof body);
    assert_null(w.conn.in);
    wire_close(&w);
}

/* Bodies of all connections together are limited; the memory of this one is given back. */
static void test_inflight(void **state)
{
    (void)state;
    wire w;
    char head[256], text[256];
    static char body[150000];
    wire_open(&w, SAVOR_PROFILE_3, false);
    w.shared.max_inflight_bytes = 100000;
    int n = snprintf(head, sizeof head, POST("Content-Length: %zu\r\n", ""), sizeof body);
    wire_feed(&w, head, (size_t)n);
    wire_feed(&w, body, sizeof body);
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "503[Service Unavailable]!");
    assert_true(w.is_shut);
    wire_close(&w);
}

static void test_failing_memory(void **state)
{
    (void)state;
    const char *input = POST("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\n");
    for (long allowed = 0; allowed < 10; allowed++) {
        wire w;
        wire_open(&w, SAVOR_PROFILE_3, false);
        w.n_room = 20;
        sv_alloc_fail_after(allowed);
        for (size_t i = 0; i < strlen(input) && w.conn.phase != SV_PHASE_CLOSED; i++)
            wire_feed(&w, input + i, 1);
        sv_alloc_fail_after(-1);
        wire_close(&w);
    }
}

static void test_expiry(void **state)
{
    (void)state;
    wire w;
    char text[256];
    wire_open(&w, SAVOR_PROFILE_3, false);
    w.conn.is_refiled = false;
    sv_conn_expire(&w.conn, &w.worker);
    assert_int_equal(w.conn.phase, SV_PHASE_CLOSED);
    assert_int_equal(w.n_sent, 0);
    wire_close(&w);

    const char *parts[] = {"GET /pi", POST("Content-Length: 3\r\n", "a")};
    for (int i = 0; i < 2; i++) {
        wire_open(&w, SAVOR_PROFILE_3, false);
        wire_feed(&w, parts[i], strlen(parts[i]));
        assert_int_equal(w.conn.phase, i ? SV_PHASE_BODY : SV_PHASE_HEAD);
        sv_conn_expire(&w.conn, &w.worker);
        summarize(&w, text, sizeof text);
        assert_string_equal(text, "408[Request Timeout]!");
        wire_close(&w);
    }
}

/* A head's limit runs from its first byte: later ones do not move it. A body's does. */
static void test_refiling(void **state)
{
    (void)state;
    wire w;
    wire_open(&w, SAVOR_PROFILE_3, false);
    wire_feed(&w, "G", 1);
    assert_true(w.conn.is_refiled);
    w.conn.is_refiled = false;
    wire_feed(&w, "ET /ping HTTP/1.1\r\n", 19);
    assert_false(w.conn.is_refiled);
    wire_feed(&w, HOST "\r\nG", sizeof(HOST "\r\nG") - 1); /* and the next one begins */
    assert_int_equal(w.conn.phase, SV_PHASE_HEAD);
    assert_true(w.conn.is_refiled);
    wire_close(&w);
}

static void test_slow_body(void **state)
{
    (void)state;
    wire w;
    char text[256];
    const char *head = POST("Content-Length: 9999\r\n", "");
    wire_open(&w, SAVOR_PROFILE_3, false);
    wire_feed(&w, head, strlen(head));
    for (int second = 0; second < 4 && w.n_sent == 0; second++) {
        w.worker.clock.now_ms += 999;
        wire_feed(&w, "x", 1);
    }
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "408[Request Timeout]!");
    wire_close(&w);
}

static void test_half_closed_client(void **state)
{
    (void)state;
    wire w;
    char text[256];
    const char *input = POST("Content-Length: 3\r\n", "abc") "GET /pi";
    wire_open(&w, SAVOR_PROFILE_3, false);
    wire_feed(&w, input, strlen(input));
    wire_end(&w);
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "200[abc]!");
    assert_int_equal(w.conn.phase, SV_PHASE_CLOSED);
    wire_close(&w);
}

/* While the server drains, what has arrived is answered, and only the last answer says close. */
static void test_drain(void **state)
{
    (void)state;
    wire w;
    char text[256];
    const char *input = POST("Content-Length: 3\r\n", "abc") POST("Content-Length: 1\r\n", "d");
    wire_open(&w, SAVOR_PROFILE_3, false);
    w.worker.drains = true;
    wire_feed(&w, input, strlen(input));
    summarize(&w, text, sizeof text);
    assert_string_equal(text, "200[abc]200[d]!");
    assert_int_equal(w.conn.phase, SV_PHASE_LINGER);
    w.sent[w.n_sent - 1] = '\0';
    char *first = strstr(w.sent, "connection: close");
    assert_true(first && first > strstr(w.sent, "abc"));
    wire_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talks),
        cmocka_unit_test(test_two_types),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_bounded_output),
        cmocka_unit_test(test_warm_request_allocates_nothing),
        cmocka_unit_test(test_big_body),
        cmocka_unit_test(test_inflight),
        cmocka_unit_test(test_failing_memory),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_refiling),
        cmocka_unit_test(test_slow_body),
        cmocka_unit_test(test_half_closed_client),
        cmocka_unit_test(test_drain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
