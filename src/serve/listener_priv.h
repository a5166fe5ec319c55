/* listener_priv.h: the listening socket and the addresses it deals with. */
#ifndef SV_SERVE_LISTENER_PRIV_H
#define SV_SERVE_LISTENER_PRIV_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/socket.h>

/**
 * Bind and listen.
 *
 * host      a name or an address, IPv4 or IPv6; the first of its addresses that can be bound is taken,
 *           IPv4 before IPv6
 * port      0: any free one
 * out       the descriptor, non-blocking; -1 on failure
 * Units     none
 * Errors    USAGE (unknown host), IO (address in use, no permission)
 * Threads   safe
 * Source    none
 */
savor_status sv_listener_open(const char *host, int port, int *out, savor_error *err);

/** The port of a bound socket, and whether its address is a loopback one. */
int sv_listener_get_port(int fd, bool *is_loopback);

/**
 * Turn new clients away while those that have connected, or are about to, can still be accepted: a filter drops each
 * packet that asks for a connection. Linux has no other way to stop listening without resetting the queue. Where it
 * is not allowed, the queue is merely emptied.
 */
void sv_listener_refuse_new(int fd);

/** "127.0.0.1:80" or "[::1]:80"; IPv4 inside IPv6 is written as IPv4. */
void sv_address_write(const struct sockaddr_storage *address, char *text, size_t n);

#endif
