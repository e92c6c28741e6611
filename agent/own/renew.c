/* SPDX-License-Identifier: Apache-2.0 */
#include "own/renew.h"

#include "own/arguments.h"
#include "own/complain.h"
#include "own/identity.h"
#include "own/private_key.h"
#include "own/request.h"
#include "own/review.h"
#include "own/verb.h"
#include "own/work.h"
#include "pki/cert.h"

static const char TEXT[] =
        "usage: uatrust own renew --directory DIR [OPTION...]\n"
        "\n"
        "Makes a successor of the certificate in use, with the same names and URI and a\n"
        "new key of the same kind. What signed itself takes its place at once, which\n"
        "wants --replace; for what a CA signed it makes a request: uatrust own request\n";

static int check_there(const struct work *work)
{
        if (!work->old.cert)
                return complain(VERB_EXIT_NO_INPUT, "%s: there is no certificate yet",
                                work->place.certs);
        if (!work->old.key.data)
                return complain(VERB_EXIT_NO_INPUT, "%s: there is no key of %s", work->place.keys,
                                work->place.cert_name);
        return 0;
}

static bool is_good_for_long(const struct work *work)
{
        return work->arguments->has_days_left && work->now_s >= work->old.cert->not_before_s &&
               review_days_left(work->old.cert, work->now_s) > work->arguments->days_left;
}

/* An encrypted key gets an encrypted successor: its passphrase has to be given, and to be right. */
static int read_key(struct work *work, EVP_PKEY **out)
{
        return work->arguments->keeps_key || work->old.key_is_encrypted ? work_read_key(work, out)
                                                                        : 0;
}

static int put_successor(struct work *work, EVP_PKEY *old)
{
        CLEANUP(identity_deinit) struct identity identity = IDENTITY_NULL;
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *key = NULL;
        int r = work_choose_identity(work, false, &identity);

        if (!r && !work->arguments->keeps_key)
                r = work_make_key(work, &key);
        return r ? r : work_put_self_signed(work, key ? key : old, &identity, "renewed");
}

static int renew(struct work *work)
{
        CLEANUP(EVP_PKEY_freep) EVP_PKEY *old = NULL;
        int r = check_there(work);

        if (r)
                return r;
        if (is_good_for_long(work)) {
                work_end(work, "unchanged", false, work->old.cert);
                return VERB_EXIT_OK;
        }

        if (!work->old.cert->is_self_issued)
                return request_make(work);
        if (!work->arguments->replaces)
                return complain(VERB_EXIT_CREATE,
                                "%s/%s: its successor takes its place; give --replace",
                                work->place.certs, work->place.cert_name);

        r = read_key(work, &old);
        return r ? r : put_successor(work, old);
}

int renew_run(int argc, char **argv)
{
        CLEANUP(arguments_deinit) struct arguments arguments = ARGUMENTS_NULL;
        CLEANUP(work_close) struct work work = WORK_NULL;
        int r = arguments_read(ARGUMENTS_RENEW, TEXT, argc, argv, &arguments);

        if (r >= 0)
                return r;

        r = work_open(&arguments, PLACE_WRITE, &work);
        return r ? r : renew(&work);
}
