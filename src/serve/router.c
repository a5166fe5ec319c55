#include "serve/router_priv.h"

#define JSON_TYPE SV_STR("application/json")
#define TEXT_TYPE SV_STR("text/plain; charset=utf-8")
#define MAX_PATH_BYTES 128 /* as sent; longer than any route with every byte escaped */

#define FLASK                                                                                 \
    .allow_get = {"GET, HEAD, OPTIONS", 18}, .allow_post = {"POST, OPTIONS", 13},             \
    .error_type = {"text/plain; charset=utf-8", 25}, .not_found = {"Not Found", 9},           \
    .not_allowed = {"Method Not Allowed", 18}, .answers_head = true, .answers_options = true, \
    .merges_slashes = true, .refuses_lower_case = true

#define FASTAPI                                                                              \
    .error_type = {"application/json", 16}, .not_found = {"{\"detail\":\"Not Found\"}", 22}, \
    .not_allowed = {"{\"detail\":\"Method Not Allowed\"}", 31}, .allow_post = {"POST", 4}, .redirects_slash = true

static const sv_manners FORCED[] = {
    [SAVOR_PROFILE_1] = {.name = "1.x", FLASK, .two_types = SV_TWO_TYPES_LAST},
    [SAVOR_PROFILE_2] = {.name = "2.x", FLASK, .two_types = SV_TWO_TYPES_LAST, .wrong_version_status = 400},
    [SAVOR_PROFILE_3] = {.name = "3.x", FASTAPI, .two_types = SV_TWO_TYPES_FIRST, .allow_get = {"GET", 3}},
};

static const sv_manners AUTO[] = {
    [SAVOR_PROFILE_1] = {.name = "auto 1.x", FLASK, .wrong_version_status = 505, .checks_host = true},
    [SAVOR_PROFILE_2] = {.name = "auto 2.x", FLASK, .wrong_version_status = 505, .checks_host = true},
    [SAVOR_PROFILE_3] = {.name = "auto 3.x",
                         FASTAPI,
                         .allow_get = {"GET, HEAD", 9},
                         .answers_head = true,
                         .wrong_version_status = 505,
                         .checks_host = true},
};

const sv_manners *sv_manners_find(savor_profile profile, bool forced)
{
    size_t i = profile >= SAVOR_PROFILE_1 && profile <= SAVOR_PROFILE_3 ? (size_t)profile : SAVOR_PROFILE_3;
    return forced ? &FORCED[i] : &AUTO[i];
}

void sv_answer_text(sv_answer *out, int http_status, savor_status status, const char *text, const char *message)
{
    *out = (sv_answer){.http_status = http_status, .content_type = TEXT_TYPE, .body = sv_str_of(text)};
    out->status = status;
    out->message = message;
}

static void answer_ping(const sv_site *site, const sv_call *call, sv_answer *out)
{
    (void)call;
    *out = (sv_answer){.http_status = 200, .content_type = JSON_TYPE, .body = SV_STR("\n")};
    if (site->model && !savor_model_is_ready(site->model)) {
        out->http_status = 503;
        out->status = SAVOR_BUSY;
        out->message = "no worker process has loaded the model";
    }
}

static void answer_version(const sv_site *site, const sv_call *call, sv_answer *out)
{
    (void)call;
    *out = (sv_answer){.http_status = 200, .content_type = JSON_TYPE, .body = site->version_text};
}

static void answer_invocations(const sv_site *site, const sv_call *call, sv_answer *out)
{
    savor_request request = {.content_type = call->has_content_type ? call->content_type.p : NULL,
                             .content_type_bytes = call->content_type.n,
                             .body = call->body.p,
                             .body_bytes = call->body.n,
                             .accept = call->accept.p,
                             .accept_bytes = call->accept.n};
    savor_response response = {.http_status = 500};
    savor_scorer_score(site->scorer, &request, &response);
    *out = (sv_answer){.http_status = response.http_status,
                       .content_type = sv_str_of(response.content_type),
                       .body = {response.body, response.body_bytes},
                       .status = response.status,
                       .retry_after_s = response.status == SAVOR_BUSY,
                       .message = response.message};
}

static const sv_route ROUTES[] = {
    {{"/invocations", 12}, true, answer_invocations},
    {{"/ping", 5}, false, answer_ping},
    {{"/health", 7}, false, answer_ping},
    {{"/version", 8}, false, answer_version},
};

static const sv_route *find_path(sv_str path)
{
    for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++)
        if (sv_str_equal(path, ROUTES[i].path))
            return &ROUTES[i];
    return NULL;
}

static bool has_lower_case(sv_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'a' && s.p[i] <= 'z')
            return true;
    return false;
}

static void answer_not_found(const sv_manners *manners, sv_answer *out)
{
    *out = (sv_answer){.http_status = 404,
                       .content_type = manners->error_type,
                       .body = manners->not_found,
                       .status = SAVOR_NOT_FOUND};
}

static void redirect(const sv_site *site, const sv_call *call, const sv_route *route, sv_answer *out)
{
    *out = (sv_answer){.http_status = 307,
                       .location_host = call->host.n ? call->host : site->own_host,
                       .location_path = route->path,
                       .location_query = call->query};
}

static const sv_route *check_method(const sv_manners *manners, const sv_call *call, const sv_route *route,
                                    sv_answer *out)
{
    sv_str allow = route->is_post ? manners->allow_post : manners->allow_get;
    bool is_head = !route->is_post && manners->answers_head && sv_str_is(call->method, "HEAD");
    if (is_head || sv_str_is(call->method, route->is_post ? "POST" : "GET"))
        return route;
    if (manners->answers_options && sv_str_is(call->method, "OPTIONS"))
        *out = (sv_answer){.http_status = 200, .content_type = TEXT_TYPE, .allow = allow};
    else
        *out = (sv_answer){.http_status = 405,
                           .content_type = manners->error_type,
                           .allow = allow,
                           .body = manners->not_allowed,
                           .status = SAVOR_BAD_REQUEST};
    return NULL;
}

const sv_route *sv_route_find(const sv_site *site, const sv_call *call, sv_answer *out)
{
    const sv_manners *manners = site->manners;
    if (manners->refuses_lower_case && has_lower_case(call->method)) {
        sv_answer_text(out, 400, SAVOR_BAD_REQUEST, "Bad Request", "the method was not in upper case");
        return NULL;
    }
    char room[MAX_PATH_BYTES];
    sv_str path = {room, call->path.n <= MAX_PATH_BYTES ? sv_str_unquote(call->path, room) : 0};
    while (manners->merges_slashes && path.n > 1 && path.p[0] == '/' && path.p[1] == '/')
        path.p++, path.n--;
    const sv_route *route = find_path(path);
    if (route)
        return check_method(manners, call, route, out);
    while (manners->redirects_slash && path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    route = find_path(path);
    if (route)
        redirect(site, call, route, out);
    else
        answer_not_found(manners, out);
    return NULL;
}
