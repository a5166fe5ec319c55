#define _GNU_SOURCE /* SO_ATTACH_FILTER */

#include "serve/listener_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 4096

/* A socket bound to one address, or -1 with errno. */
static int bind_address(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets inherit it */
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static int bind_first(const struct addrinfo *found, int family, int *why)
{
    int fd = -1;
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        if (a->ai_family != family)
            continue;
        fd = bind_address(a);
        *why = errno;
    }
    return fd;
}

savor_status sv_listener_open(const char *host, int port, int *out, savor_error *err)
{
    *out = -1;
    if (port < 0 || port > 65535)
        return sv_fail(err, SAVOR_USAGE, "port %d was not between 0 and 65535", port);
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    int failed = getaddrinfo(host, service, &wanted, &found);
    if (failed)
        return sv_fail(err, SAVOR_USAGE, "host \"%s\" was not found: %s", host, gai_strerror(failed));
    int why = EAFNOSUPPORT;
    int fd = bind_first(found, AF_INET, &why); /* "localhost" is often both, and its clients expect 127.0.0.1 */
    if (fd < 0 && why != EADDRINUSE && why != EACCES)
        fd = bind_first(found, AF_INET6, &why);
    freeaddrinfo(found);
    if (fd < 0)
        return sv_fail(err, SAVOR_IO, "could not listen on %s port %d: %s", host, port, strerror(why));
    *out = fd;
    return SAVOR_OK;
}

static const struct sockaddr_in *as_ipv4(const struct sockaddr_storage *a)
{
    return (const struct sockaddr_in *)(const void *)a;
}

static const struct sockaddr_in6 *as_ipv6(const struct sockaddr_storage *a)
{
    return (const struct sockaddr_in6 *)(const void *)a;
}

int sv_listener_get_port(int fd, bool *is_loopback)
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof address;
    *is_loopback = false;
    if (getsockname(fd, (struct sockaddr *)&address, &n) != 0)
        return 0;
    if (address.ss_family == AF_INET6) {
        *is_loopback = IN6_IS_ADDR_LOOPBACK(&as_ipv6(&address)->sin6_addr);
        return ntohs(as_ipv6(&address)->sin6_port);
    }
    *is_loopback = ntohl(as_ipv4(&address)->sin_addr.s_addr) >> 24 == 127;
    return ntohs(as_ipv4(&address)->sin_port);
}

void sv_listener_refuse_new(int fd)
{
    /* The flags are byte 13 of the TCP header, where a socket filter's view begins; SYN is 2. */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0x7fffffff),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    /* Where this is forbidden, listening stops all the same; a connection made in that moment is then reset. */
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void sv_address_write(const struct sockaddr_storage *address, char *text, size_t n)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->ss_family == AF_INET) {
        inet_ntop(AF_INET, &as_ipv4(address)->sin_addr, host, sizeof host);
        snprintf(text, n, "%s:%d", host, ntohs(as_ipv4(address)->sin_port));
        return;
    }
    if (address->ss_family != AF_INET6) {
        snprintf(text, n, "?");
        return;
    }
    const struct in6_addr *a = &as_ipv6(address)->sin6_addr;
    bool is_mapped = IN6_IS_ADDR_V4MAPPED(a);
    inet_ntop(is_mapped ? AF_INET : AF_INET6, is_mapped ? (const void *)(a->s6_addr + 12) : a, host, sizeof host);
    snprintf(text, n, is_mapped ? "%s:%d" : "[%s]:%d", host, ntohs(as_ipv6(address)->sin6_port));
}
