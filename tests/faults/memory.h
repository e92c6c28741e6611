/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Memory - what the parts of faults/memory share: a plant that is made before anything fails. */

#include "harness/mint.h"
#include "harness/tree.h"

#include <stdint.h>

#define MEMORY_ANY INT64_MIN /* whatever it is when nothing fails */

struct snapshot;

enum memory_object {
        ROOT,
        ROOT_CRL,
        CA,
        CA_CRL,
        CA_CRL_LISTING,
        LEAF,
        STRANGER,
        OBJECT_N,
};

struct memory {
        struct mint_der objects[OBJECT_N], pem;
        struct tree *tree;
        char *config_path, *store_path, *page_path, *records_path;
        char *record_cert_path, *record_note_path; /* of the stranger's */
};

extern struct memory memory;

/* What is done: it gives 0 or more, always the same, or a negative errno. */
struct memory_row {
        const char *name;
        int64_t (*run)(enum memory_object object);
        enum memory_object object;
        int64_t expected; /* or MEMORY_ANY */
};

/** memory_service_rows - of a service; the last has no name */
extern const struct memory_row memory_service_rows[];

/** memory_build() - the plant's picture with this CRL of its CA; Return: 0 or -ENOMEM */
int memory_build(enum memory_object crl, struct snapshot **out);
