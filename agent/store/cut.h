/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cut - what is left of a file when the objects that a goal wants to go are taken out of it. All
 * else stays as it stands there: other objects, PEM or DER, and text between them.
 */

#include "pki/bytes.h"
#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct goal;

enum {
        CUT_E_PRIVATE_KEY = 1, /* it holds one, and is not written again */
};

struct cut {
        const struct goal *goal;
        enum role role;       /* of the file's directory */
        struct bytes content; /* of the file */
        bool is_mended;       /* what is damaged in it goes, too */
};

/**
 * cut_make() - make the new content
 * @out:        it is appended; see buf_error()
 * @out_n_left: how many things stay, foreign ones too; 0: the file may go
 *
 * Return: 0, CUT_E_PRIVATE_KEY, or -ENOMEM.
 */
int cut_make(const struct cut *cut, struct buf *out, size_t *out_n_left);
