/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Catalog - what an administrator may have to act on. Each such message has a MESSAGE_ID that never
 * changes, an importance, and an entry in packaging/systemd/uatrust.catalog that says what to do,
 * which `journalctl -x` shows below the line. base/log has no warnings or errors beside these, so
 * none comes without advice; the test system/catalog holds table and file together.
 */

#include "base/log.h"

enum catalog_id {
        CATALOG_CERTIFICATE_REFUSED, /* or let pass by a suppression: an audit event */
        CATALOG_TRUST_LIST_CHANGED,  /* an audit event, too */

        /* configuration */
        CATALOG_CONFIG_REFUSED,
        CATALOG_RELOAD_REFUSED,
        CATALOG_RELOADED,
        CATALOG_CHECKING_WEAKENED,
        CATALOG_CANNOT_START,
        CATALOG_CANNOT_LISTEN,
        CATALOG_NOT_CONFINED,

        /* stores */
        CATALOG_STORE_NOT_READY,
        CATALOG_STORE_IN_DOUBT,
        CATALOG_STORE_UNREAD,
        CATALOG_STORE_BLIND,
        CATALOG_STORE_STUCK,
        CATALOG_FILE_BROKEN,
        CATALOG_FILE_HEALED,
        CATALOG_UPDATE_COMPLETED,
        CATALOG_UPDATE_FOREIGN,
        CATALOG_UPDATE_NOT_BEGUN,
        CATALOG_RECORDS_LOST,
        CATALOG_RECORDS_FAILING,
        CATALOG_RECORDS_KEPT_AGAIN,

        /* what runs out */
        CATALOG_CLOCK_NOT_PLAUSIBLE,
        CATALOG_TRUST_LIST_OUT_OF_DATE,
        CATALOG_CRL_MISSING,
        CATALOG_CRL_DAMAGED,
        CATALOG_CRL_NOT_YET_VALID,
        CATALOG_CRL_OUT_OF_DATE,
        CATALOG_CRL_SOON_OUT_OF_DATE,
        CATALOG_CERTIFICATE_EXPIRED,
        CATALOG_CERTIFICATE_SOON_EXPIRED,
        CATALOG_MORE_WARNINGS,

        /* the host */
        CATALOG_CLOCK_SET,
        CATALOG_CLOCK_FILE_FAILING,
        CATALOG_PAGE_FAILING,
        CATALOG_CONNECTIONS_REFUSED,
        CATALOG_QUOTA_EXCEEDED,
        CATALOG_MEMORY_SHORT,
        CATALOG_BUS_LOST,
        CATALOG_BUS_NAME_REFUSED,
        CATALOG_BUS_MESSAGE_LOST,

        CATALOG_N
};

/* What a message is about, in fields of the journal; NULL: nothing of the kind. */
struct catalog_about {
        const char *store;   /* UATRUST_STORE; "store NAME: " stands before the line, too */
        const char *subject; /* UATRUST_SUBJECT: of a certificate or CA */
        const char *sha256;  /* UATRUST_SHA256: of that certificate, in hex */
        const char *file;    /* UATRUST_FILE */
        const char *reason;  /* UATRUST_REASON */
};

#define CATALOG_STORE(name) (&(const struct catalog_about){ .store = (name) })

/** catalog_get_id() - MESSAGE_ID: 32 hex digits */
const char *catalog_get_id(enum catalog_id id);

/** catalog_get_level() - how important */
enum log_level catalog_get_level(enum catalog_id id);

/**
 * catalog_tell() - log one line under its MESSAGE_ID
 * @log:   NULL: dropped
 * @about: borrowed; NULL: nothing to add
 */
void catalog_tell(const struct log *log, enum catalog_id id, const struct catalog_about *about,
                  const char *format, ...) PRINTF(4, 5);
