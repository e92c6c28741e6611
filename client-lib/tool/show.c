/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Files are shown by uatrust-own; what a store holds is read from the agent and then shown by it,
 * too.
 */

#include "options.h"
#include "own.h"
#include "progress.h"
#include "select.h"
#include "verb.h"

#include <uatrust/reading.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        STORE = OPTIONS_OWN,
        ENTRIES,
};

static const struct option rows[] = {
        { "store", required_argument, NULL, STORE },
        { "entries", required_argument, NULL, ENTRIES },
        OPTIONS_ROWS,
        { NULL, 0, NULL, 0 },
};

struct query {
        struct options options;
        const char *store, *entries;
        bool wants_help;
        struct uatrust_client *client;
};

/* The DER of one object and where it lies. */
struct object {
        char *name;
        void *der;
        size_t n;
};

static int keep(const struct query *query, const char *store, const char *origin, const void *der,
                size_t n, struct object *out)
{
        if (asprintf(&out->name, "store %s, %s", store, origin ? origin : "no file") < 0)
                out->name = NULL;
        out->der = malloc(n ? n : 1);
        if (!out->name || !out->der)
                return options_complain(&query->options, VERB_EXIT_SYSTEM, "out of memory");

        memcpy(out->der, der, n);
        out->n = n;
        return VERB_EXIT_OK;
}

static int read_certificate(const struct query *query, const char *sha256, struct object *out)
{
        struct uatrust_stored_certificate *stored;
        struct uatrust_error *error = NULL;
        const void *der;
        size_t n = 0;
        int code;

        progress_wait(query->options.progress);
        if (uatrust_read_certificate(query->client, query->store, sha256, &stored, &error))
                return options_fail(&query->options, error, sha256);

        der = uatrust_stored_certificate_get_der(stored, &n);
        code = keep(query, uatrust_stored_certificate_get_store(stored),
                    uatrust_certificate_get_origin(
                            uatrust_stored_certificate_get_certificate(stored), 0),
                    der, n, out);
        uatrust_stored_certificate_free(stored);
        return code;
}

static int read_crl(const struct query *query, const struct uatrust_crls *crls,
                    const struct uatrust_crl *crl, struct object *out)
{
        struct uatrust_stored_crl *stored;
        struct uatrust_error *error = NULL;
        const void *der;
        size_t n = 0;
        int code;

        if (uatrust_read_crl(query->client, query->store, uatrust_crl_get_sha256(crl), &stored,
                             &error))
                return options_fail(&query->options, error, uatrust_crl_get_sha256(crl));

        der = uatrust_stored_crl_get_der(stored, &n);
        code = keep(query, uatrust_crls_get_store(crls), uatrust_crl_get_origin(crl, 0), der, n,
                    out);
        uatrust_stored_crl_free(stored);
        return code;
}

/* Return: -1: no CRL begins so, or an exit code. */
static int find_crl(const struct query *query, const char *digits, struct object *out)
{
        const struct uatrust_crl *crl, *found = NULL;
        struct uatrust_error *error = NULL;
        struct uatrust_crls *crls;
        int code = -1;

        progress_wait(query->options.progress);
        if (uatrust_list_crls(query->client, query->store, &crls, &error))
                return options_fail(&query->options, error, NULL);

        for (size_t i = 0; (crl = uatrust_crls_get_crl(crls, i)); i++)
                if (strncasecmp(uatrust_crl_get_sha256(crl), digits, strlen(digits)) == 0)
                        found = crl;
        if (found)
                code = read_crl(query, crls, found, out);
        uatrust_crls_free(crls);
        return code;
}

static int find(const struct query *query, const char *digits, struct object *out)
{
        const struct select_place place = { &query->options, query->client, query->store,
                                            SELECT_ALL };
        struct selection selection = { .sha256 = "" };
        int code = find_crl(query, digits, out);

        if (code >= 0)
                return code;

        code = select_find(&place, digits, &selection);
        free(selection.line);
        return code ? code : read_certificate(query, selection.sha256, out);
}

static int show_object(const struct query *query, const struct object *object)
{
        const char *words[8] = { "show", "--name", object->name };
        size_t n = 3;
        struct own own;
        int code;

        if (query->entries) {
                words[n++] = "--entries";
                words[n++] = query->entries;
        }
        if (query->options.wants_json)
                words[n++] = "--json";
        words[n] = "-";

        progress_hide(query->options.progress);
        code = own_open(&query->options, words, OWN_SHOW, &own);
        if (code)
                return code;
        fwrite(object->der, 1, object->n, own.file);
        return own_close(&own);
}

static int show_thumbprint(struct query *query, const char *digits)
{
        struct object object = { .name = NULL };
        int code;

        query->client = options_connect(&query->options);
        if (!query->client)
                return VERB_EXIT_SYSTEM;

        code = find(query, digits, &object);
        if (!code)
                code = show_object(query, &object);
        free(object.name);
        free(object.der);
        options_disconnect(&query->options, query->client);
        return code;
}

/* Return: false: a usage error was printed. */
static bool take_option(struct query *query, int option, const char *value)
{
        switch (option) {
        case STORE:
                query->store = value;
                return true;
        case ENTRIES:
                query->entries = value;
                return true;
        case 'h':
                query->wants_help = true;
                return true;
        default:
                return options_take(&query->options, option, value);
        }
}

/* A file of such a name is one all the same. */
static bool is_thumbprint(const char *text)
{
        return select_is_thumbprint(text) && access(text, F_OK) < 0;
}

int verb_show(int argc, char **argv)
{
        struct query query = { .options = OPTIONS_DEFAULT };
        const char **words;
        int option, n = 0, code;

        while ((option = options_next(&query.options, argc, argv, "h", rows)) >= 0)
                if (!take_option(&query, option, optarg))
                        return VERB_EXIT_USAGE;
        for (int i = optind; i < argc && !query.wants_help; i++) {
                if (!is_thumbprint(argv[i]))
                        continue;
                if (optind + 1 == argc)
                        return show_thumbprint(&query, argv[i]);
                return options_usage(&query.options, "%s: a THUMBPRINT stands alone", argv[i]);
        }

        /* What uatrust-own knows of these options. */
        words = calloc((size_t)(argc - optind) + 6, sizeof(*words));
        if (!words)
                return options_complain(&query.options, VERB_EXIT_SYSTEM, "out of memory");
        words[n++] = argv[0];
        if (query.wants_help)
                words[n++] = "--help";
        if (query.options.wants_json)
                words[n++] = "--json";
        if (query.entries) {
                words[n++] = "--entries";
                words[n++] = query.entries;
        }
        words[n++] = "--";
        for (int i = optind; i < argc; i++)
                words[n++] = argv[i];
        code = own_show(&query.options, n, (char **)words);
        free(words);
        return code;
}
