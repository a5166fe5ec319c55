/* http_test.c: the head parser and the chunked decoder: verdicts, and the same verdict however the input is split. */
#include "serve/chunked_priv.h"
#include "serve/http_parse_priv.h"

#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

static const sv_http_limits LIMITS = {.max_head_bytes = 512, .max_line_bytes = 200, .max_fields = 8};

typedef struct parsed {
    sv_http_verdict verdict;
    sv_http_head head;
} parsed;

/* Hands over a heap copy that grows step by step, so that ASan sees a read beyond what was received. */
static parsed parse_in_steps(const char *text, size_t n, size_t first, size_t step)
{
    parsed result = {.verdict = SV_HTTP_MORE};
    for (size_t have = first; result.verdict == SV_HTTP_MORE; have = have + step < n ? have + step : n) {
        char *copy = malloc(have ? have : 1);
        assert_non_null(copy);
        memcpy(copy, text, have);
        result.verdict = sv_http_parse(&result.head, &LIMITS, copy, have);
        free(copy);
        if (have == n)
            break;
    }
    return result;
}

static parsed parse_all_ways(const char *text, size_t n)
{
    parsed whole = parse_in_steps(text, n, n, 1);
    for (size_t cut = 0; cut <= n; cut++) {
        size_t step = cut == 0 ? 1 : n;
        parsed other = parse_in_steps(text, n, cut, step);
        assert_int_equal(other.verdict, whole.verdict);
        if (whole.verdict == SV_HTTP_REFUSED)
            assert_int_equal(other.head.refused_status, whole.head.refused_status);
        if (whole.verdict == SV_HTTP_DONE)
            assert_int_equal(other.head.n_bytes, whole.head.n_bytes);
    }
    return whole;
}

static int status_of(const char *text)
{
    parsed result = parse_all_ways(text, strlen(text));
    if (result.verdict == SV_HTTP_MORE)
        return 0;
    return result.verdict == SV_HTTP_DONE ? 200 : result.head.refused_status;
}

typedef struct case_row {
    const char *text;
    int status; /* 200: accepted, 0: more is wanted */
} case_row;

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST /invocations HTTP/1.1\r\nHost: a\r\n"

static const case_row CASES[] = {
    {GET "\r\n", 200},
    {"\r\n" GET "\r\n", 200},
    {"\r\n\r\n" GET "\r\n", 400},
    {"GET / HTTP/1.0\r\n\r\n", 200},
    {"GET / HTTP/1.1\r\n\r\n", 400},          /* no Host */
    {GET "Host: a\r\n\r\n", 400},             /* two */
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400}, /* an empty one */
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", 200},
    {"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
    {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
    {"GARBAGE\r\n\r\n", 400},
    {"GET /\r\n\r\n", 400},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 200}, /* the connection judges the version */
    {"G\tET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: a\n\n", 400}, /* bare LF */
    {"GET / HTTP/1.1\rHost: a\r\r", 400}, /* bare CR */
    {GET "X: a\rb\r\n\r\n", 400},
    {GET "X: a\r\r\n\r\n", 400},
    {GET "X: a\n\r\n", 400},
    {GET "X: a\x01\r\n\r\n", 400},
    {GET "X: a\x7f\r\n\r\n", 400},
    {GET "X: \xe4\xff\r\n\r\n", 200},
    {GET "X : a\r\n\r\n", 400}, /* blank before the colon */
    {GET " X: a\r\n\r\n", 400}, /* folded */
    {GET "X: a\r\n b\r\n\r\n", 400},
    {GET ": a\r\n\r\n", 400},
    {GET "Xa\r\n\r\n", 400},
    {GET "X\xe4: a\r\n\r\n", 400},
    {GET "X:\r\n\r\n", 200},
    {POST "Content-Length: 5\r\n\r\n", 200},
    {POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {POST "Content-Length: 5\r\ncontent-length: 6\r\n\r\n", 400},
    {POST "Content-Length: 5, 5\r\n\r\n", 400},
    {POST "Content-Length: +5\r\n\r\n", 400},
    {POST "Content-Length: -5\r\n\r\n", 400},
    {POST "Content-Length: 0x5\r\n\r\n", 400},
    {POST "Content-Length: 5 5\r\n\r\n", 400},
    {POST "Content-Length: 5_0\r\n\r\n", 400},
    {POST "Content-Length:\r\n\r\n", 400},
    {POST "Content-Length: 9223372036854775807\r\n\r\n", 200},
    {POST "Content-Length: 9223372036854775808\r\n\r\n", 400},
    {POST "Content-Length: 99999999999999999999\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\n\r\n", 200},
    {POST "Transfer-Encoding: CHUNKED\r\n\r\n", 200},
    {POST "Transfer-Encoding: xchunked\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
    {POST "Transfer-Encoding: identity\r\n\r\n", 400},
    {POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 400},
    {POST "Transfer-Encoding:\x0b"
          "chunked\r\n\r\n",
     400},
    {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
    {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {POST "Expect: 100-continue\r\n\r\n", 200},
    {POST "Expect: 100-Continue\r\n\r\n", 200},
    {POST "Expect: 200-ok\r\n\r\n", 417},
    {POST "Content-Type: a\r\nContent-Type: a\r\n\r\n", 200}, /* who answers decides what it means */
    {GET "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\n\r\n", 200},
    {GET "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\nH:\r\n\r\n", 431},
    {GET, 0},
    {"", 0},
};

static void test_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int status = status_of(CASES[i].text);
        if (status != CASES[i].status)
            print_error("case %zu: %d, expected %d: %s\n", i, status, CASES[i].status, CASES[i].text);
        assert_int_equal(status, CASES[i].status);
    }
}

static void test_nul(void **state)
{
    (void)state;
    static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
    assert_int_equal(parse_all_ways(text, sizeof text - 1).head.refused_status, 400);
}

static void test_lengths(void **state)
{
    (void)state;
    char text[1024];
    for (int n = 150; n < 300; n++) {
        snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n", n, 0);
        size_t line = (size_t)n + 16;
        assert_int_equal(status_of(text), line <= LIMITS.max_line_bytes ? 200 : 414);
        snprintf(text, sizeof text, GET "X: %0*d\r\n\r\n", n, 0);
        assert_int_equal(status_of(text), (size_t)n + 5 <= LIMITS.max_line_bytes ? 200 : 431);
    }
    for (int n = 50; n < 100; n++) {
        snprintf(text, sizeof text, GET "X: %0150d\r\nY: %0150d\r\nZ: %0*d\r\n\r\n", 0, 0, n + 50, 0);
        assert_int_equal(status_of(text), strlen(text) <= LIMITS.max_head_bytes ? 200 : 431);
    }
}

static void assert_text(const char *bytes, sv_span span, const char *wanted)
{
    sv_str text = sv_span_view(bytes, span);
    assert_true(sv_str_is(text, wanted));
}

static void test_parts(void **state)
{
    (void)state;
    const char *text = "POST /a%20b?x=1?2 HTTP/1.1\r\nhOsT:\t h:1 \r\nCONTENT-TYPE:  text/csv; a \t\r\n"
                       "Connection: upgrade , Close\r\naccept: text/csv, */*\r\nAccept: no\r\nExpect: "
                       "100-continue\r\nContent-Length: 007\r\n\r\nrest";
    parsed p = parse_all_ways(text, strlen(text));
    assert_int_equal(p.verdict, SV_HTTP_DONE);
    assert_text(text, p.head.method, "POST");
    assert_text(text, p.head.path, "/a%20b");
    assert_text(text, p.head.query, "x=1?2");
    assert_text(text, p.head.host, "h:1");
    assert_text(text, p.head.content_type, "text/csv; a");
    assert_text(text, p.head.accept, "text/csv, */*");
    assert_int_equal(p.head.content_length, 7);
    assert_true(p.head.expects_continue && p.head.wants_close && !sv_http_keeps_alive(&p.head));
    assert_int_equal(p.head.n_bytes, strlen(text) - 4);

    text = "GET http://other:2?q HTTP/1.1\r\nHost: a\r\n\r\n";
    p = parse_all_ways(text, strlen(text));
    assert_text(text, p.head.host, "other:2");
    assert_int_equal(p.head.path.n, 0);
    assert_text(text, p.head.query, "q");

    text = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    p = parse_all_ways(text, strlen(text));
    assert_true(sv_http_keeps_alive(&p.head));
    text = "GET / HTTP/1.0\r\n\r\n";
    p = parse_all_ways(text, strlen(text));
    assert_false(sv_http_keeps_alive(&p.head));
}

typedef struct decoded {
    sv_http_verdict verdict;
    int status;
    size_t n_used, n_out;
    char out[4096];
} decoded;

static decoded decode_in_steps(const char *text, size_t n, size_t first, size_t step)
{
    decoded d = {SV_HTTP_MORE, 0, 0, 0, ""};
    sv_chunked decoder = SV_CHUNKED_INIT(1000);
    for (size_t have = first; d.verdict == SV_HTTP_MORE; have = have + step < n ? have + step : n) {
        size_t n_used, n_out;
        d.verdict = sv_chunked_decode(&decoder, text + d.n_used, have - d.n_used, d.out + d.n_out, &n_used, &n_out);
        d.n_used += n_used;
        d.n_out += n_out;
        assert_true(d.verdict != SV_HTTP_MORE || d.n_used == have);
        if (have == n)
            break;
    }
    d.status = decoder.refused_status;
    return d;
}

static decoded decode_all_ways(const char *text)
{
    size_t n = strlen(text);
    decoded whole = decode_in_steps(text, n, n, 1);
    for (size_t cut = 0; cut <= n; cut++) {
        decoded other = decode_in_steps(text, n, cut, cut == 0 ? 1 : n);
        assert_int_equal(other.verdict, whole.verdict);
        assert_int_equal(other.status, whole.status);
        assert_int_equal(other.n_used, whole.n_used);
        assert_int_equal(other.n_out, whole.n_out);
        assert_memory_equal(other.out, whole.out, whole.n_out);
    }
    return whole;
}

static const case_row CHUNKS[] = {
    {"0\r\n\r\n", 200},
    {"3\r\nabc\r\n0\r\n\r\n", 200},
    {"003\r\nabc\r\n00\r\n\r\n", 200},
    {"A\r\n0123456789\r\na;x=\"y\"\r\n0123456789\r\n0;z\r\nT: v\r\nU:\r\n\r\n", 200},
    {"3\r\nabc\r\n", 0},
    {"3\r\nab", 0},
    {"", 0},
    {"\r\n", 400},
    {"g\r\n", 400},
    {"0x3\r\nabc\r\n", 400},
    {"+3\r\nabc\r\n", 400},
    {"-3\r\nabc\r\n", 400},
    {"3_0\r\nabc\r\n", 400},
    {" 3\r\nabc\r\n", 400},
    {"3 \r\nabc\r\n", 400},
    {"3\nabc\r\n", 400},
    {"3\r\nabc\n0\r\n\r\n", 400},
    {"3\r\nabcd\r\n0\r\n\r\n", 400},
    {"3\r\nab\r\n0\r\n\r\n", 400},
    {"3;\x01\r\nabc\r\n", 400},
    {"3;a\nb\r\nabc\r\n", 400},
    {"3;a\rb\r\nabc\r\n", 400},
    {"00000000000000003\r\nabc\r\n", 400}, /* 17 digits */
    {"3e8\r\n", 0},
    {"3e9\r\n", 413},
    {"ffffffffffffffff\r\n", 413},
    {"8000000000000000\r\n", 413},
    {"0\r\nA b\r\n\r\n", 400},
    {"0\r\n: b\r\n\r\n", 400},
    {"0\r\n a: b\r\n\r\n", 400},
    {"0\r\na: b\n\r\n", 400},
    {"0\r\na\r\n\r\n", 400},
};

static void test_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CHUNKS / sizeof CHUNKS[0]; i++) {
        decoded d = decode_all_ways(CHUNKS[i].text);
        int status = d.verdict == SV_HTTP_DONE ? 200 : d.status;
        if (status != CHUNKS[i].status)
            print_error("chunked case %zu: %d, expected %d\n", i, status, CHUNKS[i].status);
        assert_int_equal(status, CHUNKS[i].status);
    }
    decoded d = decode_all_ways("3\r\nabc\r\n2;e\r\nde\r\n0\r\n\r\nGET");
    assert_int_equal(d.n_out, 5);
    assert_memory_equal(d.out, "abcde", 5);
    assert_int_equal(d.n_used, strlen("3\r\nabc\r\n2;e\r\nde\r\n0\r\n\r\n"));
}

static void test_chunk_limits(void **state)
{
    (void)state;
    char text[8192];
    int n = snprintf(text, sizeof text, "1;%0255d\r\na\r\n1;%0*d\r\n", 0, 1, 0);
    assert_int_equal(decode_all_ways(text).status, 0);
    snprintf(text + n - 2, sizeof text - (size_t)n, "x\r\n");
    assert_int_equal(decode_all_ways(text).status, 400);

    snprintf(text, sizeof text, "0\r\na: %04000d\r\n\r\n", 0);
    assert_int_equal(decode_in_steps(text, strlen(text), strlen(text), 1).verdict, SV_HTTP_DONE);
    snprintf(text, sizeof text, "0\r\na: %05000d\r\n\r\n", 0);
    assert_int_equal(decode_in_steps(text, strlen(text), strlen(text), 1).status, 431);
}

/* The output may lie over the input. */
static void test_in_place(void **state)
{
    (void)state;
    char text[] = "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n";
    sv_chunked decoder = SV_CHUNKED_INIT(7);
    size_t n_used, n_out;
    assert_int_equal(sv_chunked_decode(&decoder, text, sizeof text - 1, text, &n_used, &n_out), SV_HTTP_DONE);
    assert_int_equal(n_out, 7);
    assert_memory_equal(text, "abcdefg", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),    cmocka_unit_test(test_nul),    cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_chunks), cmocka_unit_test(test_chunk_limits),
        cmocka_unit_test(test_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
