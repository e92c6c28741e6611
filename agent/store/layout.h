/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Layout - which directories of a PKI folder hold what, as rows of data. Directories with private
 * keys stand in no layout, so nobody below ever opens one.
 *
 * Each SDK has its own, and some keep several trust lists in one tree, of which a configuration
 * chooses one, the group. The layout "auto" is the union of all: a directory that is not there is
 * an empty one, so whichever tree it turns out to be is read, also if it comes later. Where one
 * directory stands in the place of another (S2OPC's updatedTrustList), the other counts for nothing.
 *
 * Spec: OPC 10000-12 Annex F.1 recommends a layout; Qt's tutorial, Milo, node-opcua and S2OPC write
 * "issuers" where Annex F writes "issuer".
 */

#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a store's folder can make us hold or read; past each: a broken entry that names it. */
#define LAYOUT_FILE_BYTES_MAX (INT64_C(128) << 20) /* a CRL of 3,500,000 entries */
#define LAYOUT_FILES_MAX      262144               /* names in one directory */

struct layout_dir {
        const char *path; /* below the folder, "trusted/certs"; or absolute, where it was named */
        enum role role;
        /* A directory of the folder in whose presence this one counts for nothing, or NULL. */
        const char *unless;
};

/* Which of the trust lists that a tree holds. */
enum layout_group {
        LAYOUT_APPLICATION, /* the only one of most trees */
        LAYOUT_USER,        /* for certificates of users */
        LAYOUT_HTTPS,
        LAYOUT_GROUP_N,
};

struct layout {
        const char *name;
        const struct layout_dir *dirs;
        size_t n_dirs;
        /* What is written by it is what is read, so it may be that of a folder that we write to. */
        bool is_written;
        /* The administrator named each directory: where one is missing, something is wrong. */
        bool is_named;
};

/** layout_default() - own, trusted, issuers (or issuer), rejected, each with certs and crl;
 * blocked */
const struct layout *layout_default(void);

/**
 * layout_find() - the layout of that name
 * @name: "default", "auto", "qt", "annex-f", "open62541", "net", "milo", "node-opcua" or "s2opc"
 *
 * Return: NULL if there is none, or if it does not know that group.
 */
const struct layout *layout_find(const char *name, enum layout_group group);

/** layout_find_group() - "application", "user" or "https"; Return: false if it is none of these */
bool layout_find_group(const char *name, enum layout_group *out);

/**
 * layout_find_target() - where to write what is to lie in a list
 * @role: one that the layout has
 *
 * Return: the path below the folder; NULL if the layout is not written by.
 */
const char *layout_find_target(const struct layout *layout, enum role role, bool is_crl);

/** layout_has_dir() - is @name in the directory at @path one of the layout's directories itself? */
bool layout_has_dir(const struct layout *layout, const char *path, const char *name);

/**
 * layout_is_temporary() - is a file of this name none that anybody finished?
 *
 * A dot-file, or what editors, package managers and downloads leave while they write. It is not
 * read. Nothing else follows from a name: content decides what a file is.
 */
bool layout_is_temporary(const char *name);
