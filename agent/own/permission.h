/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Permission - who else may read the private keys of a PKI folder, or change what is in it. Files
 * are looked at, never opened: a key is told by the folder that it lies in, or by its name.
 */

struct remark_list;

#define PERMISSION_DEPTH_MAX 16     /* folders in folders; what is below is passed over */
#define PERMISSION_FILES_MAX 262144 /* files and folders; further ones are passed over */

/**
 * permission_examine() - add to @out what there is to say of the folder at @path
 *
 * What may be read counts only where the folders above it, up to @path, let others in. Links are
 * not followed. Return: 0 or a negative errno.
 */
int permission_examine(const char *path, struct remark_list *out);
