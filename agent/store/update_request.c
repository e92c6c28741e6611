/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update_request.h"

#include "proto/names.h"
#include "trust/block.h"

#include <errno.h>
#include <stdlib.h>

int update_request_new(enum update_kind kind, struct update_request **out)
{
        struct update_request *request = calloc(1, sizeof(*request));

        if (!request)
                return -ENOMEM;

        *request = (struct update_request){ .ref = REF_INIT, .kind = kind };
        *out = request;
        return 0;
}

size_t update_request_count_bytes(const struct update_request *request)
{
        size_t n = 0;

        for (int list = 0; list < UPDATE_LIST_N; list++)
                n += request->der[list].n;
        return n;
}

int update_request_add(struct update_request *request, enum update_list list, struct bytes der)
{
        struct buf *to = &request->der[list];

        if (der.n > NAMES_UPDATE_MAX_BYTES - update_request_count_bytes(request))
                return UPDATE_REQUEST_E_TOO_LARGE;

        buf_add(to, der.data, der.n);
        if (!buf_error(to))
                return 0;

        to->error = 0;
        return -ENOMEM;
}

struct update_request *update_request_ref(const struct update_request *request)
{
        struct update_request *counted = (struct update_request *)request;

        ref_get(&counted->ref);
        return counted;
}

struct update_request *update_request_unref(struct update_request *request)
{
        if (!request || !ref_put(&request->ref))
                return NULL;

        for (int list = 0; list < UPDATE_LIST_N; list++)
                buf_deinit(&request->der[list]);
        block_unref(request->block);
        free(request);
        return NULL;
}

enum role update_list_role(enum update_list list)
{
        return list == UPDATE_TRUSTED_CERTS || list == UPDATE_TRUSTED_CRLS ? ROLE_TRUSTED
                                                                           : ROLE_ISSUERS;
}

bool update_list_is_crls(enum update_list list)
{
        return list == UPDATE_TRUSTED_CRLS || list == UPDATE_ISSUER_CRLS;
}
