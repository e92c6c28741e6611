/* SPDX-License-Identifier: Apache-2.0 */
#include "own/request.h"

#include "own/arguments.h"
#include "own/complain.h"
#include "own/identity.h"
#include "own/issue.h"
#include "own/key_kind.h"
#include "own/pem.h"
#include "own/pending.h"
#include "own/private_key.h"
#include "own/result.h"
#include "own/swap.h"
#include "own/verb.h"
#include "own/work.h"
#include "proto/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char TEXT[] =
        "usage: uatrust own request --directory DIR [--name TEXT] [OPTION...]\n"
        "\n"
        "Makes a certificate request (PKCS#10, PEM) for a CA, and a new key that waits\n"
        "for its answer beside the one in use: own/private/NAME.csr, NAME.request.pem.\n"
        "The answer is put into place by: uatrust own install\n";

/* What is made on the way. */
struct request {
        struct identity identity;
        EVP_PKEY *key;
        struct buf pem;
        char *key_name, *name, *path; /* of the pending key; of the request */
};

static void request_deinit(struct request *request)
{
        identity_deinit(&request->identity);
        EVP_PKEY_free(request->key);
        buf_deinit(&request->pem);
        free(request->key_name);
        free(request->name);
        free(request->path);
}

static int out_of_memory(void)
{
        return complain(VERB_EXIT_SYSTEM, "out of memory");
}

static int get_key(struct work *work, struct request *request)
{
        if (!work->arguments->keeps_key)
                return work_make_key(work, &request->key);
        if (!work->place.has_key)
                return complain(VERB_EXIT_NO_INPUT, "%s: --keep-key: there is no key yet",
                                work->place.keys);
        return work_read_key(work, &request->key);
}

static int sign(struct request *request)
{
        struct issue issue = { .identity = &request->identity,
                               .key = request->key,
                               .kind = key_kind_of_key(request->key) };
        CLEANUP(buf_deinit) struct buf der = BUF_NULL;
        char reason[128];
        int r;

        if (!issue.kind)
                return complain(VERB_EXIT_DATA, "--keep-key: no application may have a key of this "
                                                "kind");

        r = issue_request(&issue, &der);
        if (r > 0)
                return complain(VERB_EXIT_SYSTEM, "OpenSSL makes no request: %s",
                                private_key_error(reason, sizeof(reason)));
        pem_add(&request->pem, "CERTIFICATE REQUEST", (struct bytes){ der.data, der.n });
        return r || buf_error(&request->pem) ? out_of_memory() : 0;
}

static int set_names(struct work *work, struct request *request)
{
        int r = work_name(work, &request->identity);

        if (r)
                return r;

        request->key_name = pending_key_name(work->place.name);
        request->name = pending_request_name(work->place.name);
        if (!request->key_name || !request->name)
                return out_of_memory();
        request->path = place_path(&work->place, request->name);
        return request->path ? 0 : out_of_memory();
}

static bool is_there(const struct work *work, const char *name)
{
        return faccessat(work->place.keys_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Does one wait that asks for the same? */
static int check_same(const struct work *work, const struct request *request, bool *out)
{
        CLEANUP(secret_deinit) struct secret content = SECRET_NULL;
        int r;

        *out = false;
        if (work->arguments->keeps_key || work->arguments->kind ||
            !is_there(work, request->key_name) || !is_there(work, request->name))
                return 0;

        r = pair_read_file(&work->place, request->name, &content);
        *out = !r && issue_is_request(secret_bytes(&content), &request->identity);
        return r;
}

static int check_free(const struct work *work, const struct request *request)
{
        const char *output = work->arguments->output;

        if (output && strcmp(output, "-") != 0 && access(output, F_OK) == 0)
                return complain(VERB_EXIT_CREATE, "%s: is there already; --replace takes its place",
                                output);
        if (!is_there(work, request->key_name) && !is_there(work, request->name))
                return 0;
        return complain(VERB_EXIT_CREATE,
                        "%s: a request waits for its answer already; --replace takes its place, "
                        "and no answer to it can be installed any more",
                        request->path);
}

/* -- files --------------------------------------------------------------------------------------- */

static int write_key(const struct work *work, const struct request *request)
{
        CLEANUP(secret_deinit) struct secret content = SECRET_NULL;
        CLEANUP(freep) char *path = place_path(&work->place, request->key_name);
        struct swap_file file = { .dir_fd = work->place.keys_fd, .name = request->key_name };
        const char *failed;
        char reason[128];
        int r;

        if (!path)
                return out_of_memory();

        r = private_key_write_pem(request->key, &work->passphrase, &content);
        if (r > 0)
                return complain(VERB_EXIT_SYSTEM, "%s: OpenSSL cannot write it: %s", path,
                                private_key_error(reason, sizeof(reason)));
        if (r)
                return out_of_memory();

        file.content = secret_bytes(&content);
        r = swap_key(&file, true, &failed);
        return r ? complain_file(path, -r) : 0;
}

/* A key that is in use already does not wait. */
static int drop_key(const struct work *work, const struct request *request)
{
        int r = swap_remove(work->place.keys_fd, request->key_name);

        return r ? complain_file(work->place.keys, -r) : 0;
}

static int write_request(const struct work *work, const struct request *request)
{
        struct swap_file file = { .dir_fd = work->place.keys_fd,
                                  .name = request->name,
                                  .content = { request->pem.data, request->pem.n } };
        const char *failed;
        int r = swap_cert(&file, &failed);

        return r ? complain_file(request->path, -r) : 0;
}

static int write_copy(const char *path, bool replaces, const struct buf *pem)
{
        bool is_stdout = !strcmp(path, "-");
        FILE *file = is_stdout ? stdout : fopen(path, replaces ? "we" : "wxe");

        if (!file)
                return complain_file(path, errno);

        if (fwrite(pem->data, 1, pem->n, file) < pem->n || fflush(file))
                return complain_file(path, errno);
        return !is_stdout && fclose(file) ? complain_file(path, errno) : 0;
}

/* The old request goes first: it is never there beside a key that is not its own. */
static int write_all(const struct work *work, const struct request *request)
{
        int r = swap_remove(work->place.keys_fd, request->name);

        if (r)
                return complain_file(request->path, -r);

        r = work->arguments->keeps_key ? drop_key(work, request) : write_key(work, request);
        if (!r)
                r = write_request(work, request);
        if (!r && work->arguments->output)
                r = write_copy(work->arguments->output, work->arguments->replaces, &request->pem);
        return r;
}

static void tell(const struct work *work, const struct request *request, bool has_changed)
{
        CLEANUP(freep)
        char *key_path = place_path(&work->place, work->arguments->keeps_key ? work->place.key_name
                                                                             : request->key_name);
        struct result result = {
                .what = has_changed ? "requested" : "unchanged",
                .has_changed = has_changed,
                .key_path = key_path,
                .request_path = request->path,
                .findings = &work->findings,
                .now_s = work->now_s,
        };

        if (!work->arguments->output || strcmp(work->arguments->output, "-") != 0)
                result_print(&result, work->arguments);
}

/* -- the whole ----------------------------------------------------------------------------------- */

static int write_new(struct work *work, struct request *request)
{
        int r = work->arguments->replaces ? 0 : check_free(work, request);

        if (!r)
                r = get_key(work, request);
        if (!r)
                r = sign(request);
        if (!r)
                r = write_all(work, request);
        if (!r)
                tell(work, request, true);
        return r;
}

static int make(struct work *work, struct request *request)
{
        bool is_same = false;
        int r = work_choose_identity(work, !work->old.cert, &request->identity);

        if (!r)
                r = set_names(work, request);
        if (!r && !work->arguments->replaces)
                r = check_same(work, request, &is_same);
        if (!r && is_same)
                tell(work, request, false);
        return r || is_same ? r : write_new(work, request);
}

int request_make(struct work *work)
{
        CLEANUP(request_deinit) struct request request = { .key = NULL };

        return make(work, &request);
}

int request_run(int argc, char **argv)
{
        CLEANUP(arguments_deinit) struct arguments arguments = ARGUMENTS_NULL;
        CLEANUP(work_close) struct work work = WORK_NULL;
        int r = arguments_read(ARGUMENTS_REQUEST, TEXT, argc, argv, &arguments);

        if (r >= 0)
                return r;

        /* Without a name there has to be a certificate that has one. */
        r = work_open(&arguments, arguments.common_name ? PLACE_MAKE : PLACE_WRITE, &work);
        return r ? r : request_make(&work);
}
