/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cut.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "proto/buf.h"
#include "store/block_record.h"
#include "store/goal.h"

static bool is_going(const struct cut *cut, const struct decode_item *item)
{
        switch (item->kind) {
        case DECODE_CERT:
                return goal_removes(cut->goal, cut->role,
                                    cut->role == ROLE_BLOCKED ? ENTRY_BLOCK : ENTRY_CERT,
                                    item->cert->sha256, false);
        case DECODE_CRL:
                return goal_removes(cut->goal, cut->role, ENTRY_CRL, item->crl->sha256, false);
        case DECODE_BROKEN:
        case DECODE_FOREIGN:
                return cut->is_mended;
        case DECODE_PRIVATE_KEY:
                break;
        }
        return false;
}

static int cut_items(const struct cut *cut, const struct decode_list *list, struct buf *out,
                     size_t *out_n_left)
{
        const uint8_t *at = cut->content.data, *end = at + cut->content.n;

        *out_n_left = 0;
        for (size_t i = 0; i < list->items.n; i++) {
                const struct decode_item *item = &list->items.items[i];
                bool is_gone = is_going(cut, item);

                if (item->kind == DECODE_PRIVATE_KEY)
                        return CUT_E_PRIVATE_KEY;

                *out_n_left += !is_gone;
                if (!is_gone)
                        continue;
                if (item->span.n == 0) { /* wherever it is, it is behind all others */
                        end = at;
                        continue;
                }

                buf_add(out, at, (size_t)(item->span.data - at));
                at = item->span.data + item->span.n;
        }

        if (end > at)
                buf_add(out, at, (size_t)(end - at));
        return buf_error(out);
}

int cut_make(const struct cut *cut, struct buf *out, size_t *out_n_left)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        int r;

        *out_n_left = 0;
        if (cut->role == ROLE_BLOCKED && block_record_is_one(cut->content))
                return 0;

        r = decode_file(cut->content, &list);
        return r < 0 ? r : cut_items(cut, &list, out, out_n_left);
}
