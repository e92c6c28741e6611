/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Foreign - the files of a directory that hold nothing of ours, listed so that people see what was
 * passed over and why. A folder may be full of them: the first of them are listed one by one, the
 * rest as a number. Beside rejected certificates lie their records, which are not listed.
 */

struct picture_dir;
struct renew;

/* So many files of a directory are listed one by one. */
#define FOREIGN_LISTED_MAX 100

/**
 * foreign_list() - fill dir->foreign
 * @dir:   complete but for that
 * @renew: what it was made by
 *
 * Return: 0 or -ENOMEM.
 */
int foreign_list(struct picture_dir *dir, const struct renew *renew);
