/*
 * http_parse_priv.h: the head of an HTTP/1.x request, read strictly. No sockets, no allocation.
 *
 * The caller keeps all bytes of the head in one buffer and calls again with more of them. Every byte is judged in
 * order of its position, so the verdict does not depend on how the network split the input.
 */
#ifndef SV_SERVE_HTTP_PARSE_PRIV_H
#define SV_SERVE_HTTP_PARSE_PRIV_H

#include "base/str.h"

typedef struct sv_http_limits {
    size_t max_head_bytes; /* below 2^31 */
    size_t max_line_bytes; /* request line or field, with its line end */
    unsigned max_fields;
} sv_http_limits;

/** Bytes of the head by position, since the buffer may move while the body is read. */
typedef struct sv_span {
    uint32_t at, n;
} sv_span;

typedef enum sv_http_verdict {
    SV_HTTP_MORE,    /* so far so good */
    SV_HTTP_DONE,    /* complete */
    SV_HTTP_REFUSED, /* `refused_status` and `refused_why` say what to answer; nothing behind it can be trusted */
} sv_http_verdict;

/** All zero to begin with. */
typedef struct sv_http_head {
    sv_span method, path, query, host; /* path undecoded; host: of the absolute target if there is one */
    sv_span content_type, last_type;   /* the first field and the last one */
    sv_span accept;
    uint64_t content_length;
    uint32_t n_bytes; /* of the whole head, once DONE */
    uint8_t major, minor;
    bool has_host, has_length, has_content_type, has_two_types, has_query;
    bool absolute; /* the target named its host */
    bool chunked, expects_continue, wants_close, wants_keep_alive;
    int refused_status;
    const char *refused_why; /* static text */

    /* How far it got. */
    uint32_t scanned, line_at;
    unsigned n_fields;
    bool saw_cr, has_request_line, skipped_empty_line;
} sv_http_head;

/**
 * Read on in a head.
 *
 * head      zeroed before the first call, then handed back unchanged
 * limits    the same for each call
 * bytes     the head from its first byte on, with all that was received since; may stand elsewhere at each call
 * n         never less than before
 * returns   MORE: call again with more bytes. DONE: the head takes the first `head->n_bytes` of them
 * Units     bytes
 * Errors    refused_status 400, 414 (request line), 431 (fields), 417 (an Expect that is not 100-continue)
 * Threads   safe while `head` is not shared
 * Source    RFC 9112 2-6; reliability 1.6: where the RFC leaves a choice, the strict one
 */
sv_http_verdict sv_http_parse(sv_http_head *head, const sv_http_limits *limits, const char *bytes, size_t n);

/** The text of a span in the buffer that was parsed. */
static inline sv_str sv_span_view(const char *bytes, sv_span span) { return (sv_str){bytes + span.at, span.n}; }

/** True when the version has the semantics of HTTP/1.1 (Host required, connections kept). */
static inline bool sv_http_is_11(const sv_http_head *head)
{
    return head->major > 1 || (head->major == 1 && head->minor >= 1);
}

/** Whether the client lets the connection stay open after this request. */
static inline bool sv_http_keeps_alive(const sv_http_head *head)
{
    return !head->wants_close && (sv_http_is_11(head) || head->wants_keep_alive);
}

/** A byte that may stand in a token (RFC 9110 5.6.2). */
bool sv_http_is_token_byte(char c);

/** A byte that may stand in a field value: visible, blank, tab or above 0x7F. */
bool sv_http_is_text_byte(char c);

/** True for `uri-host [":" port]`, with at least one byte of host. */
bool sv_http_check_host(sv_str host);

#endif
