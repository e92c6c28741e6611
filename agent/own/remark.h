/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Remark - what there is to say against one file of a PKI folder, and the list of all of it.
 */

#include "proto/compiler.h"
#include "proto/schema.h"

#include <stddef.h>
#include <stdint.h>

enum remark_level {
        REMARK_REFUSED, /* our rules refuse it, or pass it over */
        REMARK_WARNING, /* they do not, but somebody should know */
        REMARK_NOTE,    /* an oddity that the engine notes and nothing follows from */
};

struct remark {
        char *file;                          /* below the folder; "" if it is about no one file */
        char *level, *status_name, *subject; /* the latter two: NULL: none */
        char *message;                       /* one sentence without a full stop */
        size_t order;                        /* the how manieth it is */
};

struct remark_list {
        struct remark *items;
        size_t n_items;
        size_t n_refused;
        int error; /* the first -ENOMEM; then the list is incomplete */
};

extern const struct schema remark_schema;

/* What a remark is about. */
struct remark_place {
        const char *file;
        const char *subject;   /* NULL: none */
        uint32_t status;       /* a StatusCode; 0: none */
        const char *qualifier; /* of it; NULL: none */
};

/** remark_add() - one more, unless the very same is there; failures of memory stick in @list */
void remark_add(struct remark_list *list, enum remark_level level, const struct remark_place *place,
                const char *format, ...) PRINTF(4, 5);

/** remark_list_sort() - by file, then in the order in which they were added */
void remark_list_sort(struct remark_list *list);

/** remark_list_deinit() - one of zeros may be passed */
void remark_list_deinit(struct remark_list *list);
