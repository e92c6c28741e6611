/* SPDX-License-Identifier: Apache-2.0 */
#include "own/install.h"

#include "own/arguments.h"
#include "own/complain.h"
#include "own/identity.h"
#include "own/issue.h"
#include "own/known.h"
#include "own/pending.h"
#include "own/private_key.h"
#include "own/swap.h"
#include "own/verb.h"
#include "own/work.h"
#include "pki/cert.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char TEXT[] =
        "usage: uatrust own install --directory DIR [OPTION...] FILE...\n"
        "\n"
        "Puts a CA's answer into place, PEM, DER or PKCS#7; FILE may hold its chain, too.\n"
        "It has to be for the key of a request (uatrust own request), or for the key in\n"
        "use, and is judged before anything is changed.\n";

struct install {
        struct known answer;     /* what the files hold */
        struct known issuers;    /* that, --issuer, and what the folder has */
        const struct cert *cert; /* of the answer, the one for our key; borrowed */
        EVP_PKEY *key;           /* that it is for */
        bool is_pending;         /* which is the one that waits */
        char *uri;               /* that it has to bear; NULL: nobody knows */
};

static void install_deinit(struct install *install)
{
        known_deinit(&install->answer);
        known_deinit(&install->issuers);
        EVP_PKEY_free(install->key);
        free(install->uri);
}

static int out_of_memory(void)
{
        return complain(VERB_EXIT_SYSTEM, "out of memory");
}

/* With the rights of whoever started this, before the folder is opened. */
static int read_files(const struct arguments *arguments, struct install *install)
{
        int r = 0;

        for (size_t i = 0; !r && i < arguments->n_files; i++)
                r = known_add_file(&install->answer, arguments->files[i]);
        for (size_t i = 0; !r && i < install->answer.certs.n; i++)
                r = known_add(&install->issuers, install->answer.certs.items[i]) ? out_of_memory()
                                                                                 : 0;
        for (size_t i = 0; !r && i < arguments->n_issuers; i++)
                r = known_add_file(&install->issuers, arguments->issuers[i]);
        return r;
}

/* -- which key ----------------------------------------------------------------------------------- */

static const struct cert *find_cert(const struct install *install, EVP_PKEY *key)
{
        for (size_t i = 0; i < install->answer.certs.n; i++)
                if (private_key_matches(key, install->answer.certs.items[i]->key.spki))
                        return install->answer.certs.items[i];
        return NULL;
}

/* The request may be the first that this folder sees: then nothing but its name is known. */
static int name_pending(struct work *work)
{
        int r;

        if (work->place.name)
                return 0;
        if (work->arguments->place.name)
                return place_name(&work->place, work->arguments->place.name,
                                  work->arguments->wants_pfx);

        r = pending_find(work->place.keys_fd, &work->place.name);
        if (r)
                return complain_file(work->place.keys, -r);
        if (!work->place.name)
                return complain(VERB_EXIT_NO_INPUT,
                                "%s: there is neither a key nor just one request; give --file-name",
                                work->place.keys);
        return 0;
}

/* Return: 0 with @out as it is: no request waits. */
static int read_pending(struct work *work, EVP_PKEY **out)
{
        CLEANUP(freep) char *name = pending_key_name(work->place.name);
        CLEANUP(freep) char *path = name ? place_path(&work->place, name) : NULL;
        CLEANUP(secret_deinit) struct secret content = SECRET_NULL;
        int r;

        if (!path)
                return out_of_memory();
        if (faccessat(work->place.keys_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
                return 0;

        r = pair_read_file(&work->place, name, &content);
        return r ? r : pair_decode_key(path, &content, &work->passphrase, out);
}

static int find_key(struct work *work, struct install *install)
{
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *pending = NULL;
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *key = NULL;
        int r = read_pending(work, &pending);

        if (r)
                return r;
        install->cert = pending ? find_cert(install, pending) : NULL;
        install->is_pending = install->cert != NULL;
        if (install->is_pending) {
                install->key = TAKE(pending);
                return 0;
        }

        r = work->place.has_key ? work_read_key(work, &key) : 0;
        if (r)
                return r;
        install->cert = key ? find_cert(install, key) : NULL;
        if (!install->cert)
                return complain(VERB_EXIT_DATA, "%s: no certificate in it is for %s of %s",
                                work->arguments->files[0],
                                pending && key ? "the key of the request, or the one in use,"
                                               : "the key",
                                work->place.keys);
        install->key = TAKE(key);
        return 0;
}

/* As asked for now, else as was requested, else as it is. */
static int find_uri(struct work *work, struct install *install)
{
        CLEANUP(freep) char *name = pending_request_name(work->place.name);
        CLEANUP(secret_deinit) struct secret content = SECRET_NULL;
        CLEANUP(identity_deinit) struct identity names = IDENTITY_NULL;
        int r = 0;

        if (!name)
                return out_of_memory();
        if (work->arguments->application_uri) {
                install->uri = strdup(work->arguments->application_uri);
                return install->uri ? 0 : out_of_memory();
        }

        if (install->is_pending && faccessat(work->place.keys_fd, name, F_OK, 0) == 0) {
                r = pair_read_file(&work->place, name, &content);
                install->uri = r ? NULL : issue_read_request(secret_bytes(&content));
        } else if (work->old.cert && identity_read(work->old.cert, &names) >= 0) {
                install->uri = TAKE(names.application_uri);
        }
        return r;
}

/* -- into place ---------------------------------------------------------------------------------- */

static int remove_pending(const struct work *work)
{
        CLEANUP(freep) char *key = pending_key_name(work->place.name);
        CLEANUP(freep) char *request = pending_request_name(work->place.name);
        int r = key && request ? swap_remove(work->place.keys_fd, key) : -ENOMEM;

        if (!r)
                r = swap_remove(work->place.keys_fd, request);
        return r ? complain_file(work->place.keys, -r) : 0;
}

/* The intermediate CAs of the answer: those that sent it need no root. */
static struct bytes *find_chain(const struct install *install, size_t *out_n)
{
        struct bytes *chain = calloc(install->answer.certs.n + 1, sizeof(*chain));

        *out_n = 0;
        for (size_t i = 0; chain && i < install->answer.certs.n; i++) {
                const struct cert *cert = install->answer.certs.items[i];

                if (cert != install->cert && cert->basic_constraints.is_ca && !cert->is_self_issued)
                        chain[(*out_n)++] = (struct bytes){ cert->der, cert->n_der };
        }
        return chain;
}

static int put(struct work *work, const struct install *install)
{
        size_t n_chain;
        CLEANUP(freep) struct bytes *chain = find_chain(install, &n_chain);
        struct pair_new new_pair = {
                .key = install->key,
                .keeps_key = !install->is_pending,
                .cert = { install->cert->der, install->cert->n_der },
                .ca = chain,
                .n_ca = n_chain,
                .wants_chain = work->arguments->wants_chain,
                .passphrase = &work->passphrase,
        };
        int r;

        if (!chain)
                return out_of_memory();

        r = pair_write(&work->place, &work->old, &new_pair);
        if (!r)
                r = remove_pending(work);
        if (!r)
                work_end(work, "installed", true, install->cert);
        return r;
}

/* An earlier run may have ended before it removed the request. */
static int check_installed(struct work *work, const struct install *install, bool *out)
{
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *key = NULL;
        int r = 0;

        *out = false;
        if (!work->old.cert || !work->place.has_key || !cert_equal(work->old.cert, install->cert))
                return 0;
        if (install->is_pending)
                r = work_read_key(work, &key);
        *out = !r && (!install->is_pending || EVP_PKEY_eq(key, install->key) == 1);
        return r;
}

static int check_free(const struct work *work, const struct install *install)
{
        if (!work->place.has_cert || work->arguments->replaces)
                return 0;
        return complain(VERB_EXIT_CREATE, "%s/%s: is there already%s; --replace takes its place",
                        work->place.certs, work->place.cert_name,
                        install->is_pending ? ", with its key" : "");
}

static int judge_and_put(struct work *work, struct install *install)
{
        int r;

        if (known_add_folder(&install->issuers, &work->place))
                return out_of_memory();

        r = work_judge(work, install->cert, &install->issuers, install->uri);
        if (r)
                return r;
        if (!findings_has_error(&work->findings))
                return put(work, install);

        work_end(work, "refused", false, install->cert);
        return VERB_EXIT_NOT_GOOD;
}

static int install_answer(struct work *work, struct install *install)
{
        bool is_installed = false;
        int r = name_pending(work);

        if (!r)
                r = place_name(&work->place, work->place.name, work->arguments->wants_pfx);
        if (!r)
                r = find_key(work, install);
        if (r)
                return r;

        r = check_installed(work, install, &is_installed);
        if (r)
                return r;
        if (is_installed) {
                work_end(work, "unchanged", false, install->cert);
                return remove_pending(work);
        }

        r = work_check_format(work);
        if (!r)
                r = check_free(work, install);
        if (!r)
                r = find_uri(work, install);
        return r ? r : judge_and_put(work, install);
}

int install_run(int argc, char **argv)
{
        CLEANUP(arguments_deinit) struct arguments arguments = ARGUMENTS_NULL;
        CLEANUP(install_deinit)
        struct install install = { .answer = KNOWN_NULL, .issuers = KNOWN_NULL };
        CLEANUP(work_close) struct work work = WORK_NULL;
        int r = arguments_read(ARGUMENTS_INSTALL, TEXT, argc, argv, &arguments);

        if (r >= 0)
                return r;

        r = read_files(&arguments, &install);
        if (!r)
                r = work_open(&arguments, PLACE_WRITE, &work);
        return r ? r : install_answer(&work, &install);
}
