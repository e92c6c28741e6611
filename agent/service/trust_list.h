/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Trust list - a store's four lists as OPC 10000-12 TrustListDataType has them, page by page: the
 * DER of certificates from the picture, that of CRLs from their files.
 *
 * All of it lies in one order: the lists as the masks have them, certificates by SHA-256, CRLs as
 * the picture has them. A cursor is "LIST/SHA256", the last row of the page before.
 *
 * Spec: OPC 10000-12 7.8.2 TrustListType, OpenWithMasks. CRLs that are superseded,
 * unverified, or the last good content of a damaged file are in no list.
 */

#include "store/update_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_read_trust_list;
struct message_read_trust_list_reply;
struct snapshot;
struct snapshot_crl;
struct sources;

struct trust_list_query {
        unsigned int parts; /* 1u << enum update_list */
        size_t n_page;
        bool has_cursor;
        enum update_list after; /* has_cursor: the page goes on behind this one's ... */
        uint8_t sha256[32];     /* ... object */
};

enum {
        TRUST_LIST_E_NO_LIST = 1, /* lists names one that is none */
        TRUST_LIST_E_NO_PAGE,     /* no such limit */
        TRUST_LIST_E_NO_CURSOR,
        TRUST_LIST_E_CHANGED, /* the file of a CRL is not what the picture has */
};

/** trust_list_read_query() - what a call asks for; Return: 0 or TRUST_LIST_E_* but the last */
int trust_list_read_query(const struct message_read_trust_list *in, struct trust_list_query *out);

/**
 * trust_list_gather() - one page
 * @sources:  of the store; NULL: not known, no file can be read
 * @out:      an empty message; its lists and next are written, also in part where this fails
 * @out_path: TRUST_LIST_E_CHANGED: the origin of that CRL; borrowed from the snapshot
 *
 * A page ends before NAMES_PART_MAX_BYTES of DER; a CRL that is larger alone is named by its
 * SHA-256. Cost: the CRLs of the page are read from disk: in a job. Any thread.
 *
 * Return: 0, TRUST_LIST_E_NO_CURSOR, TRUST_LIST_E_CHANGED, or a negative errno.
 */
int trust_list_gather(const struct snapshot *snap, const struct sources *sources,
                      const struct trust_list_query *query,
                      struct message_read_trust_list_reply *out, const char **out_path);

/** trust_list_find_crl() - the CRL of that SHA-256, or NULL */
const struct snapshot_crl *trust_list_find_crl(const struct snapshot *snap,
                                               const uint8_t sha256[32]);
