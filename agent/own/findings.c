/* SPDX-License-Identifier: Apache-2.0 */
#include "own/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void findings_deinit(struct findings *findings)
{
        for (size_t i = 0; i < findings->items.n; i++)
                free(findings->items.items[i].text);
        VEC_FREE(&findings->items);
        findings->is_incomplete = false;
}

/* Takes item.text, which may be NULL: memory ran short. */
static void add(struct findings *findings, struct findings_item item)
{
        if (item.text && VEC_PUSH(&findings->items, item) == 0)
                return;

        free(item.text);
        findings->is_incomplete = true;
}

void findings_add(struct findings *findings, enum findings_severity severity, const char *format,
                  ...)
{
        struct findings_item item = { .severity = severity };
        va_list args;

        va_start(args, format);
        if (vasprintf(&item.text, format, args) < 0)
                item.text = NULL;
        va_end(args);
        add(findings, item);
}

void findings_add_status(struct findings *findings, enum findings_severity severity,
                         const char *purpose, uint32_t status, const char *text)
{
        for (size_t i = 0; i < findings->items.n; i++) {
                struct findings_item *item = &findings->items.items[i];

                if (item->status == status && item->severity == severity && item->purpose &&
                    strcmp(item->text, text) == 0) {
                        item->purpose = NULL;
                        return;
                }
        }
        add(findings, (struct findings_item){
                              .severity = severity,
                              .purpose = purpose,
                              .status = status,
                              .text = strdup(text),
                      });
}

bool findings_has_error(const struct findings *findings)
{
        for (size_t i = 0; i < findings->items.n; i++)
                if (findings->items.items[i].severity == FINDINGS_ERROR)
                        return true;
        return findings->is_incomplete;
}
