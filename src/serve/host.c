#include "serve/host_priv.h"

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }

static bool ends_with(sv_str s, sv_str end)
{
    if (s.n < end.n)
        return false;
    for (size_t i = 0; i < end.n; i++)
        if (lower(s.p[s.n - end.n + i]) != lower(end.p[i]))
            return false;
    return true;
}

static bool equals(sv_str a, sv_str b) { return a.n == b.n && ends_with(a, b); }

/* 127.a.b.c in decimal; shorter and octal spellings are names to a browser, too, but nobody means them. */
static bool is_loopback_ipv4(sv_str name)
{
    unsigned n_parts = 0;
    while (name.n) {
        size_t n = sv_str_find(name, '.');
        uint64_t part = 0;
        if (n == 0 || n > 3 || !sv_str_to_uint64((sv_str){name.p, n}, &part) || part > 255)
            return false;
        if (n_parts++ == 0 && part != 127)
            return false;
        size_t used = n < name.n ? n + 1 : n;
        name = (sv_str){name.p + used, name.n - used};
    }
    return n_parts == 4;
}

bool sv_host_is_loopback(sv_str name)
{
    return equals(name, SV_STR("localhost")) || ends_with(name, SV_STR(".localhost")) ||
           equals(name, SV_STR("::1")) || equals(name, SV_STR("[::1]")) || is_loopback_ipv4(name);
}

static sv_str without_port(sv_str host)
{
    size_t n = host.n && host.p[0] == '[' ? sv_str_find(host, ']') + 1 : sv_str_find(host, ':');
    if (n < host.n)
        host.n = n;
    if (host.n > 1 && host.p[host.n - 1] == '.')
        host.n--; /* the fully qualified spelling of the same name */
    return host;
}

static bool fits(sv_str name, sv_str pattern)
{
    if (sv_str_is(pattern, "*"))
        return true;
    if (pattern.n > 2 && sv_str_starts(pattern, SV_STR("*.")))
        return name.n >= pattern.n && ends_with(name, (sv_str){pattern.p + 1, pattern.n - 1});
    return pattern.n && equals(name, pattern);
}

bool sv_host_is_allowed(sv_str host, sv_str names)
{
    sv_str name = without_port(host);
    if (name.n == 0 || sv_host_is_loopback(name))
        return true;
    while (names.n) {
        size_t n = sv_str_find(names, ',');
        if (fits(name, sv_str_trim((sv_str){names.p, n})))
            return true;
        size_t used = n < names.n ? n + 1 : n;
        names = (sv_str){names.p + used, names.n - used};
    }
    return false;
}
