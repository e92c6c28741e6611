/* SPDX-License-Identifier: Apache-2.0 */
#include "own/create.h"

#include "own/arguments.h"
#include "own/complain.h"
#include "own/identity.h"
#include "own/key_kind.h"
#include "own/private_key.h"
#include "own/subject.h"
#include "own/verb.h"
#include "own/work.h"
#include "pki/cert.h"

#include <string.h>

static const char TEXT[] =
        "usage: uatrust own create --directory DIR --name TEXT [OPTION...]\n"
        "\n"
        "Makes a key and a self-signed certificate for an application, judges the\n"
        "certificate, and puts both into own/private and own/certs of its PKI folder.\n"
        "Where there is one already that is as asked for, nothing changes.\n";

static bool is_given_otherwise(const char *given, const char *there)
{
        return given && (!there || strcmp(given, there) != 0);
}

static bool has_hosts(const struct identity *a, const struct identity *b)
{
        char host[256], other[256];

        for (size_t i = 0; identity_host(a, i, host); i++) {
                size_t k = 0;

                while (identity_host(b, k, other) && strcasecmp(host, other) != 0)
                        k++;
                if (!identity_host(b, k, other))
                        return false;
        }
        return true;
}

/* Return: what of the certificate there is not as asked for; NULL: all is. */
static const char *find_difference(const struct work *work)
{
        const struct arguments *arguments = work->arguments;
        const struct cert *cert = work->old.cert;
        CLEANUP(identity_deinit) struct identity names = IDENTITY_NULL;
        CLEANUP(freep) char *common_name = subject_find_common_name(cert->subject.der);
        CLEANUP(freep) char *organization = subject_find_organization(cert->subject.der);

        if (identity_read(cert, &names))
                return "names that none should have";
        if (is_given_otherwise(arguments->application_uri, names.application_uri))
                return "another application URI";
        if (is_given_otherwise(arguments->common_name, common_name))
                return "another name";
        if (is_given_otherwise(arguments->organization, organization))
                return "another organization";
        if (arguments->has_hosts &&
            !(has_hosts(&arguments->hosts, &names) && has_hosts(&names, &arguments->hosts)))
                return "other host names";
        if (arguments->kind && arguments->kind != key_kind_of(&cert->key))
                return "a key of another kind";
        if (arguments->has_format && arguments->wants_pfx != work->old.key_is_pfx)
                return "a key in another format";
        return work->now_s > cert->not_after_s ? "expired" : NULL;
}

static int keep(const struct work *work)
{
        const char *difference;

        if (!work->old.cert || !work->old.key.data)
                return complain(VERB_EXIT_CREATE,
                                "%s/%s: is there already; --replace takes its place",
                                work->old.cert ? work->place.certs : work->place.keys,
                                work->old.cert ? work->place.cert_name : work->place.key_name);

        difference = find_difference(work);
        if (difference)
                return complain(VERB_EXIT_CREATE,
                                "%s/%s: is there already, and has %s; --replace takes its place",
                                work->place.certs, work->place.cert_name, difference);

        work_end(work, "unchanged", false, work->old.cert);
        return VERB_EXIT_OK;
}

static int create(struct work *work)
{
        CLEANUP(identity_deinit) struct identity identity = IDENTITY_NULL;
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *key = NULL;
        bool is_there = work->place.has_cert || work->place.has_key;
        int r;

        if (is_there && !work->arguments->replaces)
                return keep(work);
        if (work->old.key_is_encrypted && !work->passphrase.data)
                complain_warn("%s/%s: the key there is encrypted, the new one is not",
                              work->place.keys, work->place.key_name);
        r = work_check_format(work);
        if (!r)
                r = work_choose_identity(work, true, &identity);
        if (!r)
                r = work_name(work, &identity);
        if (!r)
                r = work_make_key(work, &key);
        return r ? r
                 : work_put_self_signed(work, key, &identity, is_there ? "replaced" : "created");
}

int create_run(int argc, char **argv)
{
        CLEANUP(arguments_deinit) struct arguments arguments = ARGUMENTS_NULL;
        CLEANUP(work_close) struct work work = WORK_NULL;
        int r = arguments_read(ARGUMENTS_CREATE, TEXT, argc, argv, &arguments);

        if (r >= 0)
                return r;

        /* Without a name there has to be a certificate that has one. */
        r = work_open(&arguments, arguments.common_name ? PLACE_MAKE : PLACE_WRITE, &work);
        return r ? r : create(&work);
}
