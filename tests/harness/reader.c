/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reader - what <uatrust/reading.h> reads, as JSON, one line each: `reader SOCKET WHAT [ARGUMENT...]`
 *
 *      list                    the trust list
 *      certificate THUMBPRINT
 *      crl SHA256
 *      changes AGENT SINCE
 *      statistics
 *      notices                 as they come, until it is killed
 *
 * Exit code: 0, or an enum uatrust_code.
 */

#include "harness/must.h"

#include <uatrust/reading.h>

#include <stdio.h>
#include <string.h>

static void print(char *json)
{
        must(json, "JSON");
        puts(json);
        free(json);
}

static int read_one(struct uatrust_client *client, const char *what, char **words)
{
        struct uatrust_stored_certificate *certificate = NULL;
        struct uatrust_statistics *statistics = NULL;
        struct uatrust_trust_list *list = NULL;
        struct uatrust_changes *changes = NULL;
        struct uatrust_stored_crl *crl = NULL;
        int r = UATRUST_E_INVALID_ARGUMENT;

        if (!strcmp(what, "list"))
                r = uatrust_read_trust_list(client, NULL, &list, NULL);
        else if (!strcmp(what, "certificate"))
                r = uatrust_read_certificate(client, NULL, words[0], &certificate, NULL);
        else if (!strcmp(what, "crl"))
                r = uatrust_read_crl(client, NULL, words[0], &crl, NULL);
        else if (!strcmp(what, "changes"))
                r = uatrust_get_changes(client, NULL, words[0], atoll(words[1]), &changes, NULL);
        else if (!strcmp(what, "statistics"))
                r = uatrust_get_statistics(client, &statistics, NULL);

        if (list)
                print(uatrust_trust_list_to_json(list));
        if (certificate)
                print(uatrust_stored_certificate_to_json(certificate));
        if (crl)
                print(uatrust_stored_crl_to_json(crl));
        if (changes)
                print(uatrust_changes_to_json(changes));
        if (statistics)
                print(uatrust_statistics_to_json(statistics));
        uatrust_trust_list_free(list);
        uatrust_stored_certificate_free(certificate);
        uatrust_stored_crl_free(crl);
        uatrust_changes_free(changes);
        uatrust_statistics_free(statistics);
        return r;
}

static void on_notice(struct uatrust_notices *notices, const struct uatrust_notice *notice,
                      const struct uatrust_error *error, void *userdata)
{
        (void)notices;
        (void)userdata;
        if (error)
                printf("\"%s\"\n", uatrust_error_get_text(error));
        else
                print(uatrust_notice_to_json(notice));
        fflush(stdout);
}

static int listen_on(struct uatrust_client *client)
{
        struct uatrust_notices *notices;
        int r = uatrust_notices_new(client, NULL, 0, on_notice, NULL, &notices, NULL);

        while (!r) {
                r = uatrust_wait(client, -1, NULL);
                if (!r)
                        r = uatrust_process(client, NULL);
        }
        return r;
}

int main(int argc, char **argv)
{
        struct uatrust_client *client = uatrust_client_new();
        int r;

        must(client && argc >= 3, "usage: reader SOCKET WHAT [ARGUMENT...]");
        uatrust_client_set_socket(client, argv[1], NULL);
        uatrust_client_set_timeout(client, 10000);
        r = strcmp(argv[2], "notices") ? read_one(client, argv[2], argv + 3) : listen_on(client);
        uatrust_client_free(client);
        return r;
}
