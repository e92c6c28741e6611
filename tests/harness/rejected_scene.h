/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rejected scenes - the folder of a store, and refused certificates that are written to it.
 */

#include "harness/mint.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/rejected.h"

#define NOW_S INT64_C(1900000000)
#define ALICE 1000
#define BOB   1001

struct scene {
        struct tree *tree;
        struct rejected_list *list;
        struct rejected_batch batch;
        struct rejected_outcome outcome;
        int64_t now_s;
};

/* A certificate for each number, as different as hostile names are. */
const struct mint_der *certificate(size_t number);
struct schema_bytes copy_of(const struct mint_der *der);

/* Certificate @number was refused once more, now; with its DER if @is_new. */
struct rejected_item *put(struct scene *scene, size_t number, int64_t uid, bool is_new);

/* All that was put: the outcome and the list are the scene's. */
void write_batch(struct scene *scene);

/* One after another, a second apart, in batches as large as they may be. */
void write_range(struct scene *scene, size_t from, size_t n, int64_t uid);

const struct rejected_file *find(const struct scene *scene, size_t number);

/* Of a directory below the scene's; 0 if there is none. */
size_t count_files(const struct scene *scene, const char *name);

/* Of the certificate's file, ".der", or its record's, ".json"; free() it. */
char *path_of(const struct scene *scene, size_t number, const char *ending);

/* What is told of the list is what lies there. */
void expect_in_step(struct scene *scene);

/* For cmocka: of a test, and at the end of all. */
int rejected_set_up(void **state);
int rejected_tear_down(void **state);
int rejected_forget(void **state);

#define REJECTED_TEST(function)                                                                    \
        cmocka_unit_test_setup_teardown(function, rejected_set_up, rejected_tear_down)
