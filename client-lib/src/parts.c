/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include "error.h"
#include "paging.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "reply.h"

#include <stdlib.h>
#include <string.h>

/* Return: what is wrong with a part behind @n bytes of @total; NULL: nothing. */
static const char *find_fault(const struct message_read_crl_reply *part, size_t n, int64_t total)
{
        if (part->total != total || total < 1 || total > NAMES_UPDATE_MAX_BYTES)
                return "is another one, or too large";
        if (!part->data.n || part->data.n > (uint64_t)total - n)
                return "does not fit the parts";
        return NULL;
}

static int append(struct schema_bytes *all, const struct schema_bytes *part)
{
        uint8_t *grown = realloc(all->data, all->n + part->n);

        if (!grown)
                return STATUS_E_NO_MEMORY;

        memcpy(grown + all->n, part->data, part->n);
        *all = (struct schema_bytes){ grown, all->n + part->n };
        return 0;
}

int parts_take(struct paging *paging, void *part, struct uatrust_error **error)
{
        struct message_read_crl_reply *all = paging->all, *new = part;
        struct message_read_crl *in = paging->in;
        const char *fault;
        int r = 0;

        fault = find_fault(new, all ? all->data.n : 0, all ? all->total : new->total);
        if (fault)
                r = error_report(error, STATUS_E_PROTOCOL, "total", fault);
        else if (!all)
                paging->all = all = new;
        else if (append(&all->data, &new->data))
                r = error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (all != new)
                reply_free_value(paging->out_schema, new);
        if (r || all->data.n == (uint64_t)all->total)
                return r;

        in->offset = (int64_t)all->data.n;
        return PAGING_MORE;
}
