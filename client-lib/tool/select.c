/* SPDX-License-Identifier: Apache-2.0 */
#include "select.h"

#include "options.h"
#include "output.h"
#include "progress.h"
#include "verb.h"

#include <uatrust/admin.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool select_is_thumbprint(const char *text)
{
        size_t n = strlen(text);

        return n >= SELECT_SHORT_MIN && n <= SELECT_WHOLE &&
               strspn(text, "0123456789abcdefABCDEF") == n;
}

bool select_may_be_meant_so(const char *text)
{
        return !text[strspn(text, "0123456789abcdefABCDEF:")];
}

/* What was found so far. */
struct search {
        char prefix[SELECT_WHOLE + 1]; /* lower case */
        struct selection found;
        size_t n_found; /* different certificates */
        bool has_failed;
};

/* One more candidate; @format and what follows: the line about it. */
static void offer(struct search *search, const char *sha256, const char *subject, const char *uri,
                  const char *more)
{
        if (!sha256 || strncmp(sha256, search->prefix, strlen(search->prefix)) != 0 ||
            strcmp(sha256, search->found.sha256) == 0)
                return;

        search->n_found++;
        free(search->found.line);
        search->found.line = NULL;
        snprintf(search->found.sha256, sizeof(search->found.sha256), "%s", sha256);
        if (asprintf(&search->found.line, "%s%s%s%s", subject, uri ? ", " : "", uri ? uri : "",
                     more) < 0) {
                search->found.line = NULL;
                search->has_failed = true;
        }
}

static int look_at_rejected(const struct select_place *place, struct search *search)
{
        const struct uatrust_rejected *rejected;
        struct uatrust_rejected_list *list;
        struct uatrust_error *error = NULL;

        if (uatrust_list_rejected(place->client, place->store, &list, &error))
                return options_fail(place->options, error, NULL);

        for (size_t i = 0; (rejected = uatrust_rejected_list_get_rejected(list, i)); i++) {
                const char *address = uatrust_rejected_get_peer_address(rejected);
                char more[256];

                snprintf(more, sizeof(more), "%s%s, times seen: %lld", address ? ", from " : "",
                         address ? address : "", (long long)uatrust_rejected_get_count(rejected));
                offer(search, uatrust_rejected_get_sha256(rejected),
                      uatrust_rejected_get_subject(rejected),
                      uatrust_rejected_get_application_uri(rejected), more);
        }
        uatrust_rejected_list_free(list);
        return VERB_EXIT_OK;
}

static int look_at_list(const struct select_place *place, const char *list, struct search *search)
{
        const struct uatrust_certificate *certificate;
        struct uatrust_certificates *certificates;
        struct uatrust_error *error = NULL;

        if (uatrust_list_certificates(place->client, place->store, list, &certificates, &error))
                return options_fail(place->options, error, NULL);

        for (size_t i = 0; (certificate = uatrust_certificates_get_certificate(certificates, i));
             i++)
                offer(search, uatrust_certificate_get_sha256(certificate),
                      uatrust_certificate_get_subject(certificate),
                      uatrust_certificate_get_application_uri(certificate), "");
        uatrust_certificates_free(certificates);
        return VERB_EXIT_OK;
}

static int look_at_blocks(const struct select_place *place, struct search *search)
{
        const struct uatrust_block *block;
        struct uatrust_blocks *blocks;
        struct uatrust_error *error = NULL;

        if (uatrust_list_blocks(place->client, place->store, &blocks, &error))
                return options_fail(place->options, error, NULL);

        for (size_t i = 0; (block = uatrust_blocks_get_block(blocks, i)); i++) {
                const char *reason = uatrust_block_get_reason(block);

                offer(search, uatrust_block_get_sha256(block),
                      reason && *reason ? reason : "blocked without a reason", NULL, "");
        }
        uatrust_blocks_free(blocks);
        return VERB_EXIT_OK;
}

static int look(const struct select_place *place, struct search *search)
{
        int code;

        switch (place->from) {
        case SELECT_REJECTED:
                return look_at_rejected(place, search);
        case SELECT_BLOCKED:
                return look_at_blocks(place, search);
        case SELECT_ALL:
                return look_at_list(place, NULL, search);
        case SELECT_JUDGED:
                code = look_at_list(place, "trusted", search);
                return code ? code : look_at_list(place, "issuers", search);
        }
        return VERB_EXIT_USAGE;
}

int select_find(const struct select_place *place, const char *text, struct selection *out)
{
        struct search search = { .prefix = "" };
        int code;

        for (size_t i = 0; i < SELECT_WHOLE && text[i]; i++)
                search.prefix[i] = (char)tolower((unsigned char)text[i]);

        progress_wait(place->options->progress);
        code = look(place, &search);
        progress_hide(place->options->progress);
        if (!code && search.has_failed)
                code = options_complain(place->options, VERB_EXIT_SYSTEM, "out of memory");
        if (!code && search.n_found == 0 && strlen(text) == SELECT_WHOLE)
                memcpy(search.found.sha256, search.prefix, sizeof(search.prefix));
        else if (!code && search.n_found != 1)
                code = options_complain(place->options, VERB_EXIT_USAGE, "%s: %s", text,
                                        search.n_found
                                                ? "several certificates begin so: give more digits"
                                                : "no certificate there begins so");
        if (code) {
                free(search.found.line);
                return code;
        }

        *out = search.found;
        return VERB_EXIT_OK;
}

bool select_must_ask(bool is_sure)
{
        return !is_sure && isatty(STDIN_FILENO);
}

int select_may_pass(const struct options *options, const char *text)
{
        if (strlen(text) == SELECT_WHOLE)
                return VERB_EXIT_OK;
        return options_complain(options, VERB_EXIT_USAGE,
                                "%s: where nobody is asked all %d digits are wanted", text,
                                SELECT_WHOLE);
}

void select_print(const struct selection *selection)
{
        fputs(selection->sha256, stderr);
        fputs("\n  ", stderr);
        output_text(stderr, selection->line ? selection->line : "in no list");
        fputc('\n', stderr);
}

int select_ask(const struct options *options, const char *question)
{
        char *answer = NULL;
        size_t n_room = 0;
        bool is_yes;

        progress_hide(options->progress);
        fprintf(stderr, "%s [y/N] ", question);
        is_yes = getline(&answer, &n_room, stdin) > 0 && (answer[0] == 'y' || answer[0] == 'Y');
        free(answer);
        if (is_yes)
                return VERB_EXIT_OK;

        return options_complain(options, VERB_EXIT_NOT_TRUSTED, "nothing was changed");
}
