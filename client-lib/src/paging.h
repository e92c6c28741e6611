/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Paging - a list that comes in pages, which are put together. All paged methods have the same
 * fields by name, so their tables say where these are. A list is of one generation: if the store
 * changes meanwhile, it is begun anew.
 */

struct schema;
struct uatrust_error;

enum {
        PAGING_MORE = -1,
};

struct paging {
        const struct schema *in_schema, *out_schema; /* NULL: nothing is begun */
        void *in;                                    /* what to ask next */
        void *all; /* what there is, of out_schema; NULL: nothing */
        unsigned int n_restarts;
};

/** paging_init() - @in: copied; Return: 0 or -ENOMEM, after which it is empty */
int paging_init(struct paging *paging, const struct schema *in_schema,
                const struct schema *out_schema, const void *in);

/** paging_deinit() - safe on zeros */
void paging_deinit(struct paging *paging);

/** paging_restart() - the store has changed; Return: PAGING_MORE, or an enum uatrust_code */
int paging_restart(struct paging *paging, struct uatrust_error **error);

/**
 * paging_take() - @page: malloc()ed, of out_schema; taken, also on failure
 *
 * Return: PAGING_MORE; 0: paging.all is the whole list; or an enum uatrust_code.
 */
int paging_take(struct paging *paging, void *page, struct uatrust_error **error);
