/* host_priv.h: is this Host field one of ours? The defence against DNS rebinding (CVE-2025-14279 and its like). */
#ifndef SV_SERVE_HOST_PRIV_H
#define SV_SERVE_HOST_PRIV_H

#include "base/str.h"

/**
 * Check a Host value against the names a server answers to.
 *
 * host      as in the request, with or without a port; empty (HTTP/1.0): allowed, since browsers always send it
 * names     comma-separated names without port; "*.example.org" stands for all names below it, "*" for all
 * returns   true as well for every loopback name: localhost, *.localhost, 127.0.0.0/8, [::1]
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    MLflow's own tracking server checks Host likewise since 3.5
 */
bool sv_host_is_allowed(sv_str host, sv_str names);

/** True for localhost, *.localhost, 127.0.0.0/8 and ::1 (in brackets or not); no port. */
bool sv_host_is_loopback(sv_str name);

#endif
