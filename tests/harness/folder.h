/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Folder - a store's folder on disk, filled with minted objects and damaged ones, and the picture
 * that the store makes of it.
 *
 *      struct folder *folder = folder_new(contents);
 *      folder_put(folder, TC "a.der", LEAF);
 *      folder_refresh(folder);
 *      folder_assert_seen(folder, "one certificate", "cert " TC "a.der");
 *
 * Names of files are below the folder, "trusted/certs/a.der". What the machine fails to do stops
 * the test.
 */

#include "harness/mint.h"
#include "pki/bytes.h"
#include "store/store.h"
#include "store/update_request.h"

struct layout;
struct picture;
struct settings;
struct tree;
struct update_outcome;

#define TC "trusted/certs/"
#define TR "trusted/crl/"

#define S_NS  INT64_C(1000000000)
#define MS_NS INT64_C(1000000)

enum content {
        NOTHING, /* remove it */
        EMPTY,
        TEXT,
        ZEROS,
        LEAF,
        LEAF_PEM,
        LEAF_TWO, /* two certificates, one after another */
        LEAF_HALF,
        LEAF_AND_HALF, /* one that is whole, and half of another */
        CA,
        TWIN, /* of the same name, with another key */
        CRL,
        CRL_NEXT, /* of the same CA, later */
        CRL_HALF,
        CRL_FOREIGN, /* of the twin */
        OTHER,       /* another certificate of the CA */
        SELF,        /* a self-signed one */
        PAIR,        /* LEAF and OTHER in PEM, with text between them */
        BLOCK,       /* a record */
        BLOCK_HALF,
        KEY,
        HUGE, /* a hole of 1 TiB */
        FIFO,
        DANGLING,
        CONTENT_N,
};

/* Minted once a program. */
struct contents {
        struct mint_der of[CONTENT_N];
};

struct folder {
        struct contents *contents;
        struct tree *tree;
        char *root;
        struct store_source source;     /* its own folder */
        struct store_source sources[4]; /* with those that folder_add_source() added */
        struct settings *settings;
        struct store_config config;
        struct store_now now;
        struct picture *picture;
        struct store_result result; /* of the last refresh; its picture is @picture */
};

/** contents_new() - mint them all; sets up pki; contents_free() them */
struct contents *contents_new(void);

void contents_free(struct contents *contents);

/* For cmocka: the state are all contents. */
int contents_set_up(void **state);
int contents_tear_down(void **state);

/** folder_new() - one that does not exist yet; its clock is so late that all stamps are old */
struct folder *folder_new(struct contents *contents);

void folder_free(struct folder *folder);

/**
 * folder_add_source() - one source more, which lies beside its own folder
 * @name: of it and of its folder; folder_put() takes "../NAME/trusted/certs/a.der"
 */
void folder_add_source(struct folder *folder, const char *name, const struct layout *layout);

/** folder_with_crl() - one with a CA and its CRL in it, refreshed */
struct folder *folder_with_crl(struct contents *contents);

/** folder_put() - make, replace by rename, or remove a file, so that its stamp tells it */
void folder_put(const struct folder *folder, const char *name, enum content content);

/** folder_write() - write it in place */
void folder_write(const struct folder *folder, const char *name, enum content content);

/** folder_link() - make a symbolic link that says @target */
void folder_link(const struct folder *folder, const char *target, const char *name);

/** folder_refresh...() - look at everything, at what @hints say, at one name, at what is due */
void folder_refresh(struct folder *folder);
void folder_refresh_with(struct folder *folder, const struct store_hints *hints);
void folder_refresh_name(struct folder *folder, const char *dir, const char *name,
                         bool is_being_written);
void folder_refresh_nothing(struct folder *folder);

/** folder_find_dir() - the number of a directory, "trusted/certs" */
size_t folder_find_dir(const struct folder *folder, const char *path);

/**
 * folder_assert_seen() - the entries of the snapshot, in order
 * @name:     of the case, for people
 * @expected: "broken trusted/certs/b, cert trusted/certs/a, crl(held) trusted/crl/a"; of further
 *            sources with their names: "cert other/trusted/certs/a". A content's SHA-256 in a
 *            file's name is the content's name in braces: "trusted/certs/{LEAF}.der"
 */
void folder_assert_seen(const struct folder *folder, const char *name, const char *expected);

/** folder_assert_known() - the same of snapshot.known; @expected NULL: nothing is lost */
void folder_assert_known(const struct folder *folder, const char *name, const char *expected);

/** folder_assert_reason() - why the first broken entry is broken */
void folder_assert_reason(const struct folder *folder, const char *expected);

/**
 * folder_update() - carry out an update; its result is the folder's, but for @out's other values
 */
void folder_update(struct folder *folder, const struct update_request *request,
                   struct update_outcome *out);

/** folder_count_added(), folder_count_removed() - of the last change, which there must be */
size_t folder_count_added(const struct folder *folder);
size_t folder_count_removed(const struct folder *folder);

struct bytes folder_bytes(const struct folder *folder, enum content content);

/** folder_ask() - a request for an update; @of: whose SHA-256 it says, and what is blocked by it */
struct update_request *folder_ask(const struct folder *folder, enum update_kind kind,
                                  enum content of);

/** folder_give() - a list of the request gets that too */
void folder_give(const struct folder *folder, struct update_request *request, enum update_list list,
                 enum content content);
