/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Profile - what a request asks of the certificate in question, apart from its bytes.
 */

#include <stdbool.h>

struct policy;

/* What the certificate is presented as. */
enum purpose {
        /* an OPC UA client's application instance certificate, judged by a server */
        PURPOSE_CLIENT,
        PURPOSE_SERVER, /* an OPC UA server's, judged by a client */
        PURPOSE_USER,   /* a user's X509IdentityToken */
        PURPOSE_HTTPS,  /* a TLS server's, for opc.https and opc.wss */
        PURPOSE_N,
};

struct profile {
        enum purpose purpose;
        const struct policy *policy; /* NULL: the store's, else the default */
        const char *application_uri; /* NULL: step 8 is not asked */
        /* NULL: step 7 is not asked; else as in the URL, an address without brackets */
        const char *host_name;
        /* enum suppress; the caller has checked it against the store's may_suppress */
        unsigned int suppress;
};

/** purpose_name() - "client", "server", "user" or "https" */
const char *purpose_name(enum purpose purpose);

/**
 * purpose_find() - the purpose of that name; Return: false if there is none, with @out untouched
 */
bool purpose_find(const char *name, enum purpose *out);
