/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Swap - a new key and its certificate take the place of the old ones, and whenever this ends, by a
 * signal or a power cut, a pair that belongs together is there, or swap_recover() brings it about
 * without a passphrase:
 *
 *      1. own/private/.uatrust-new.KEY    written, fsynced, with its directory
 *      2. own/certs/.uatrust-new.CERT     written, fsynced, with its directory
 *      3. .uatrust-old.KEY, .uatrust-old.CERT   links to what is there; fsync of the directories
 *      4. .uatrust-new.KEY -> KEY         the moment that counts; fsync of its directory
 *      5. .uatrust-new.CERT -> CERT       fsync of its directory
 *      6. the links are removed
 *
 * As each step is on the disk before the next one begins: a new certificate beside a new key means
 * that step 4 has not happened, and both are removed; a new certificate alone means that it has, and
 * step 5 is done. Between 4 and 5 alone an application that starts just then reads two that do not
 * belong together; the old ones are there as links.
 *
 * A file that takes another's place has its owner, where root does it, but not its mode: keys are
 * their owner's alone.
 *
 * A certificate alone, for the key that is there, is .uatrust-one.CERT, then renamed.
 *
 * All names are beneath the two directories, which are locked (own/place).
 */

#include "pki/bytes.h"

#include <stdbool.h>

#define SWAP_NEW ".uatrust-new."
#define SWAP_OLD ".uatrust-old."
#define SWAP_ONE ".uatrust-one."

#define SWAP_KEY_MODE  0600
#define SWAP_CERT_MODE 0644

struct swap_file {
        int dir_fd;
        const char *name;
        struct bytes content;
};

enum {
        SWAP_E_LEFT = 1, /* what was begun is left as it is: swap_recover() goes on */
};

/**
 * swap_pair() - as above
 * @failed: what a failure is about: a name of one of the files
 *
 * After a failure before step 4 all is as it was; a failure to tidy up, or after step 4, leaves what
 * swap_recover() puts in order.
 *
 * Return: 0 or a negative errno.
 */
int swap_pair(const struct swap_file *key, const struct swap_file *cert, const char **failed);

/** swap_cert() - the certificate alone; Return: as above */
int swap_cert(const struct swap_file *cert, const char **failed);

/**
 * swap_key() - a key where none of this name is, as it waits for its certificate
 * @replaces: one may be there
 *
 * Return: 0 or a negative errno; -EEXIST.
 */
int swap_key(const struct swap_file *key, bool replaces, const char **failed);

/** swap_remove() - if it is there; Return: 0 or a negative errno */
int swap_remove(int dir_fd, const char *name);

/** swap_is_interrupted() - is there anything that swap_recover() would put in order? */
bool swap_is_interrupted(int certs_fd, int keys_fd);

/** swap_recover() - finish, or undo, what was interrupted; Return: 0 or a negative errno */
int swap_recover(int certs_fd, int keys_fd);
