/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Owner - what root does in another user's folder it does as that user: then what it makes is his,
 * and no link of his leads it where he could not go himself.
 */

/**
 * owner_become() - run by root: become for good the user whose this file or directory is, with his
 * groups; a warning says so. Where it is root's, and for all others, nothing
 * @path: of @fd, for complaints
 *
 * Return: 0, or an exit code after a complaint.
 */
int owner_become(int fd, const char *path);
