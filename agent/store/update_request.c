/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update_request.h"

#include "proto/names.h"
#include "trust/block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

void update_request_set_base(struct update_request *request, const struct snapshot *snap)
{
        request->has_base = true;
        for (int i = 0; i < UPDATE_LIST_N; i++) {
                enum update_list list = (enum update_list)i;

                request->base[i] =
                        update_base_make(snap, update_list_role(list), update_list_is_crls(list));
        }
}

bool update_request_is_stale(const struct update_request *request, const struct snapshot *now,
                             enum update_list *out_list)
{
        for (int i = 0; i < UPDATE_LIST_N && request->has_base; i++) {
                enum update_list list = (enum update_list)i;
                struct update_base base;

                if (!(request->lists >> list & 1))
                        continue;
                base = update_base_make(now, update_list_role(list), update_list_is_crls(list));
                if (!update_base_is_equal(&base, &request->base[i])) {
                        *out_list = list;
                        return true;
                }
        }
        return false;
}

static const char *const LISTS[UPDATE_LIST_N] = {
        [UPDATE_TRUSTED_CERTS] = NAMES_TRUSTED_CERTIFICATES,
        [UPDATE_TRUSTED_CRLS] = NAMES_TRUSTED_CRLS,
        [UPDATE_ISSUER_CERTS] = NAMES_ISSUER_CERTIFICATES,
        [UPDATE_ISSUER_CRLS] = NAMES_ISSUER_CRLS,
};

const char *update_list_name(enum update_list list)
{
        return LISTS[list];
}

bool update_list_find(const char *name, enum update_list *out)
{
        for (int i = 0; i < UPDATE_LIST_N; i++) {
                if (strcmp(LISTS[i], name) == 0) {
                        *out = (enum update_list)i;
                        return true;
                }
        }
        return false;
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
