/* SPDX-License-Identifier: Apache-2.0 */
#include "own/inspect.h"

#include "own/arguments.h"
#include "own/complain.h"
#include "own/known.h"
#include "own/private_key.h"
#include "own/swap.h"
#include "own/verb.h"
#include "own/work.h"
#include "pki/cert.h"

#include <string.h>
#include <sys/stat.h>

static const char TEXT[] =
        "usage: uatrust own check --directory DIR [OPTION...]\n"
        "\n"
        "Says what is wrong with an application's certificate and key, and with their\n"
        "files: by what OPC UA asks of them, and as a peer that trusts the application\n"
        "would judge. Nothing is changed.\n";

#define error(work, ...)   findings_add(&(work)->findings, FINDINGS_ERROR, __VA_ARGS__)
#define warning(work, ...) findings_add(&(work)->findings, FINDINGS_WARNING, __VA_ARGS__)

static size_t root_length(const char *name)
{
        const char *dot = strrchr(name, '.');

        return dot ? (size_t)(dot - name) : strlen(name);
}

static void inspect_files(struct work *work)
{
        const struct place *place = &work->place;
        struct stat dir;

        if (swap_is_interrupted(place->certs_fd, place->keys_fd))
                error(work, "an earlier run was interrupted: uatrust own recover");
        if (place->keys_fd >= 0 && !fstat(place->keys_fd, &dir) && dir.st_mode & 022)
                error(work, "others than its owner may write into %s (mode %04o)", place->keys,
                      (unsigned int)dir.st_mode & 07777);
        if (place->has_key && work->old.key_mode & 077)
                error(work, "others than its owner may read %s (mode %04o)", place->key_name,
                      work->old.key_mode);
        if (place->has_cert && work->old.cert_mode & 022)
                error(work, "others than its owner may write %s (mode %04o)", place->cert_name,
                      work->old.cert_mode);
        if (place->has_cert && place->has_key &&
            (root_length(place->cert_name) != root_length(place->key_name) ||
             strncmp(place->cert_name, place->key_name, root_length(place->cert_name)) != 0))
                warning(work, "%s and %s should have the same name but for the ending",
                        place->cert_name, place->key_name);
}

static int inspect_key(struct work *work)
{
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *key = NULL;
        int r;

        if (work->old.key_is_encrypted && !work->passphrase.data) {
                warning(work,
                        "%s is encrypted: whether it is the certificate's key was not looked "
                        "at; give --passphrase-file",
                        work->place.key_name);
                return 0;
        }

        r = work_read_key(work, &key);
        if (r)
                return r;
        if (work->old.cert && !private_key_matches(key, work->old.cert->key.spki))
                error(work, "%s is not the key of %s", work->place.key_name, work->place.cert_name);
        return 0;
}

static int inspect_cert(struct work *work, struct known *issuers)
{
        int r = 0;

        for (size_t i = 0; !r && i < work->old.chain.n; i++)
                r = known_add(issuers, work->old.chain.items[i]);
        if (!r)
                r = known_add_folder(issuers, &work->place);
        if (r)
                return complain(VERB_EXIT_SYSTEM, "out of memory");
        return work_judge(work, work->old.cert, issuers, work->arguments->application_uri);
}

static int inspect(struct work *work, struct known *issuers)
{
        int r = 0;

        if (!work->place.has_cert && !work->place.has_key)
                return complain(VERB_EXIT_NO_INPUT, "%s: there is no certificate yet",
                                work->place.certs);

        inspect_files(work);
        if (work->place.has_key)
                r = inspect_key(work);
        else
                error(work, "%s has no key in %s", work->place.cert_name, work->place.keys);
        if (!r && work->old.cert)
                r = inspect_cert(work, issuers);
        else if (!r)
                error(work, "%s has no certificate in %s", work->place.key_name, work->place.certs);
        if (r)
                return r;

        r = findings_has_error(&work->findings) ? VERB_EXIT_NOT_GOOD : VERB_EXIT_OK;
        work_end(work, r ? "not good" : "good", false, work->old.cert);
        return r;
}

int inspect_run(int argc, char **argv)
{
        CLEANUP(arguments_deinit) struct arguments arguments = ARGUMENTS_NULL;
        CLEANUP(known_deinit) struct known issuers = KNOWN_NULL;
        CLEANUP(work_close) struct work work = WORK_NULL;
        int r = arguments_read(ARGUMENTS_CHECK, TEXT, argc, argv, &arguments);

        if (r >= 0)
                return r;

        /* With the rights of whoever started this, before the folder is opened. */
        r = 0;
        for (size_t i = 0; !r && i < arguments.n_issuers; i++)
                r = known_add_file(&issuers, arguments.issuers[i]);
        if (!r)
                r = work_open(&arguments, PLACE_READ, &work);
        return r ? r : inspect(&work, &issuers);
}
