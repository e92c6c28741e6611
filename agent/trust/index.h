/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Index - the certificates of a snapshot in order, and by name and key id; a part of the builder's
 * work. With a snapshot before, what stays of it is taken over as it stands there.
 */

struct snapshot;

/**
 * index_make() - fill in what a snapshot says of certificates
 * @snap: has its entries in order; certs, n_certs, n_role_certs, by_subject and by_key_id are
 *        written; on failure, too, snapshot_unref() frees them
 * @base: a snapshot that shares most of the entries, or NULL
 *
 * Cost: with @base O(n), following pointers only where something is new; else O(n log n). Return: 0
 * or -ENOMEM.
 */
int index_make(struct snapshot *snap, const struct snapshot *base);
