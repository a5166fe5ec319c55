/*
 * router_priv.h: which function answers which request. A call in, an answer out; no sockets.
 *
 * How the edges look (HEAD, OPTIONS, slashes, error pages) depends on the MLflow whose server is imitated: that is
 * one row of manners per profile.
 */
#ifndef SV_SERVE_ROUTER_PRIV_H
#define SV_SERVE_ROUTER_PRIV_H

#include "base/str.h"

#include <savor/score.h>

/** One request as a handler sees it; everything is borrowed. */
typedef struct sv_call {
    sv_str method, path, query, host; /* path and query as sent */
    sv_str content_type, accept, body;
    bool has_content_type, has_query;
} sv_call;

/** One answer; texts are static or borrowed from the scorer or the call. */
typedef struct sv_answer {
    int http_status;
    sv_str content_type; /* empty: no such field */
    sv_str body;
    sv_str allow;                                        /* empty: no such field */
    sv_str location_host, location_path, location_query; /* empty host: no location field */
    int retry_after_s;                                   /* 0: no such field */
    savor_status status;                                 /* for the log */
    const char *message;                                 /* for the log: one line without request data, or NULL */
} sv_answer;

/** Which of several Content-Type fields counts. */
typedef enum sv_two_types {
    SV_TWO_TYPES_REFUSED,
    SV_TWO_TYPES_FIRST,
    SV_TWO_TYPES_LAST,
} sv_two_types;

/** How one generation of MLflow's server behaves at the edges. */
typedef struct sv_manners {
    const char *name;
    sv_str allow_get, allow_post; /* the Allow field of 405 and OPTIONS */
    sv_str error_type, not_found, not_allowed;
    bool answers_head, answers_options;
    bool merges_slashes;     /* //ping is /ping */
    bool redirects_slash;    /* /ping/ is sent to /ping */
    bool refuses_lower_case; /* a method with a lower-case letter is 400, not 405 */
    bool checks_host;        /* against DNS rebinding, which upstream does not do */
    sv_two_types two_types;
    int wrong_version_status; /* for HTTP/2.0 and the like; 0: answered as HTTP/1.1 */
} sv_manners;

/** What handlers work with: one per worker. */
typedef struct sv_site {
    const sv_manners *manners;
    savor_scorer *scorer;
    const savor_model *model;
    sv_str version_text;
    sv_str own_host; /* for redirects of requests that named no host */
} sv_site;

typedef struct sv_route {
    sv_str path;
    bool is_post; /* takes a body; else it is a GET */
    void (*answer)(const sv_site *site, const sv_call *call, sv_answer *out);
} sv_route;

/**
 * The manners of a profile.
 *
 * profile   SAVOR_PROFILE_1, _2 or _3
 * forced    upstream's behaviour to the letter; else HEAD works everywhere and Host is checked
 * returns   static
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    docs/server.md
 */
const sv_manners *sv_manners_find(savor_profile profile, bool forced);

/**
 * Find who answers a call. The body is not looked at, so this works as soon as the head is there.
 *
 * out       filled (404, 405, 307 ...) when there is nobody
 * returns   static, or NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    docs/server.md
 */
const sv_route *sv_route_find(const sv_site *site, const sv_call *call, sv_answer *out);

/** An answer of plain text. `text` and `message` (for the log, may be NULL) are static. */
void sv_answer_text(sv_answer *out, int http_status, savor_status status, const char *text, const char *message);

#endif
