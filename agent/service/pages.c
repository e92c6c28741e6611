/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pages.h"

#include "proto/names.h"

size_t pages_length(int64_t limit)
{
        if (limit == SCHEMA_INT_ABSENT)
                return NAMES_PAGE_MAX;
        return limit >= 1 && limit <= NAMES_PAGE_MAX ? limit : 0;
}

void pages_refuse_limit(const struct service_call *call)
{
        service_call_refuse(call, STATUS_E_BAD_REQUEST, "limit", "is not between 1 and 1000");
}

void pages_refuse_cursor(const struct service_call *call)
{
        service_call_refuse(call, STATUS_E_BAD_REQUEST, "after",
                            "is no cursor of this list: begin anew without it");
}

bool pages_begin(const struct service_call *call, int64_t limit, bool has_cursor, size_t *out_n)
{
        *out_n = pages_length(limit);
        if (*out_n == 0)
                pages_refuse_limit(call);
        else if (!has_cursor)
                pages_refuse_cursor(call);
        return *out_n > 0 && has_cursor;
}

void pages_answer(const struct service_call *call, const struct schema *schema, void *out, int r)
{
        if (r)
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
        else
                service_call_answer(call, out);
        schema_deinit(schema, out);
}
