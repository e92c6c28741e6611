/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Layout - which directories of a PKI folder hold what, as rows of data. Directories with private
 * keys stand in no layout, so nobody below ever opens one.
 *
 * Spec: OPC 10000-12 Annex F.1 recommends a layout; Qt's tutorial, Milo, node-opcua and S2OPC write
 * "issuers" where Annex F writes "issuer". Both are read where both are there.
 */

#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a store's folder can make us hold or read; past each: a broken entry that names it. */
#define LAYOUT_FILE_BYTES_MAX (INT64_C(128) << 20) /* a CRL of 3,500,000 entries */
#define LAYOUT_FILES_MAX      262144               /* names in one directory */

struct layout_dir {
        const char *path; /* below the folder, "trusted/certs" */
        enum role role;
};

struct layout {
        const char *name;
        const struct layout_dir *dirs;
        size_t n_dirs;
};

/** layout_default() - own, trusted, issuers (or issuer), rejected, each with certs and crl */
const struct layout *layout_default(void);

/** layout_has_dir() - is @name in the directory at @path one of the layout's directories itself? */
bool layout_has_dir(const struct layout *layout, const char *path, const char *name);

/**
 * layout_is_temporary() - is a file of this name none that anybody finished?
 *
 * A dot-file, or what editors, package managers and downloads leave while they write. It is not
 * read. Nothing else follows from a name: content decides what a file is.
 */
bool layout_is_temporary(const char *name);
