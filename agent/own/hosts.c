/* SPDX-License-Identifier: Apache-2.0 */
#include "own/hosts.h"

#include "own/identity.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_reachable_4(const struct sockaddr_in *address)
{
        uint32_t ip = ntohl(address->sin_addr.s_addr);

        return ip >> 24 != 0 && ip >> 24 != 127 && ip >> 16 != 0xa9fe && ip >> 28 < 14;
}

static bool is_reachable_6(const struct sockaddr_in6 *address)
{
        const struct in6_addr *ip = &address->sin6_addr;

        return !IN6_IS_ADDR_LOOPBACK(ip) && !IN6_IS_ADDR_LINKLOCAL(ip) &&
               !IN6_IS_ADDR_MULTICAST(ip) && !IN6_IS_ADDR_UNSPECIFIED(ip) &&
               !IN6_IS_ADDR_V4MAPPED(ip);
}

bool hosts_is_reachable(const struct sockaddr *address)
{
        if (address->sa_family == AF_INET)
                return is_reachable_4((const struct sockaddr_in *)(const void *)address);
        if (address->sa_family == AF_INET6)
                return is_reachable_6((const struct sockaddr_in6 *)(const void *)address);
        return false;
}

/* What the host says of itself may be no host name, and may be too much: then it is left out. */
static int add(struct identity *identity, const char *host)
{
        int r = identity_add_host(identity, host);

        return r < 0 ? r : 0;
}

static bool is_local_name(const char *name)
{
        return !strncasecmp(name, "localhost", strlen("localhost"));
}

static int add_full_name(struct identity *identity, const char *name)
{
        struct addrinfo wanted = { .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM };
        struct addrinfo *found = NULL;
        int r = 0;

        if (getaddrinfo(name, NULL, &wanted, &found))
                return 0;

        if (found->ai_canonname && !is_local_name(found->ai_canonname))
                r = add(identity, found->ai_canonname);
        freeaddrinfo(found);
        return r;
}

static int add_address(struct identity *identity, const struct sockaddr *address)
{
        char text[INET6_ADDRSTRLEN];
        const void *ip =
                address->sa_family == AF_INET
                        ? (const void *)&((const struct sockaddr_in *)(const void *)address)
                                  ->sin_addr
                        : (const void *)&((const struct sockaddr_in6 *)(const void *)address)
                                  ->sin6_addr;

        return inet_ntop(address->sa_family, ip, text, sizeof(text)) ? add(identity, text) : 0;
}

static int add_addresses(struct identity *identity)
{
        struct ifaddrs *all = NULL;
        int r = 0;

        if (getifaddrs(&all))
                return 0;

        for (const struct ifaddrs *one = all; !r && one; one = one->ifa_next)
                if (one->ifa_addr && (one->ifa_flags & IFF_UP) && hosts_is_reachable(one->ifa_addr))
                        r = add_address(identity, one->ifa_addr);
        freeifaddrs(all);
        return r;
}

void hosts_get_name(char *out, size_t n_out)
{
        if (gethostname(out, n_out) || !*out)
                snprintf(out, n_out, "localhost");
        out[n_out - 1] = '\0';
}

int hosts_find(struct identity *identity)
{
        char name[256];
        int r = 0;

        hosts_get_name(name, sizeof(name));
        if (!is_local_name(name)) {
                r = add(identity, name);
                if (!r)
                        r = add_full_name(identity, name);
        }
        return r ? r : add_addresses(identity);
}
