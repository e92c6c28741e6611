/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names - every name and every limit of the wire, once. Agent, client library, tests and packaging
 * say the same because they say it from here. The OPC UA status codes and the names of errors are
 * in proto/status.h.
 */

#include <stdbool.h>

/* Interfaces. The full name of a method is its interface, a dot and its own name. */
#define NAMES_AGENT_INTERFACE   "org.uatrust.agent1"
#define NAMES_ADMIN_INTERFACE   "org.uatrust.admin1"
#define NAMES_SERVICE_INTERFACE "org.varlink.service"

#define NAMES_BUS            "org.uatrust.Agent1"
#define NAMES_BUS_PATH       "/org/uatrust/Agent1"
#define NAMES_BUS_STORE_PATH NAMES_BUS_PATH "/store" /* a store's object is below: its name */
#define NAMES_BUS_MANAGER    NAMES_BUS ".Manager"
#define NAMES_BUS_STORE      NAMES_BUS ".Store"
#define NAMES_BUS_ADMIN      NAMES_BUS ".Admin"

/* What polkit is asked, by kind of change. */
#define NAMES_ACTION_UPDATE "org.uatrust.agent1.update-trust-list"
#define NAMES_ACTION_BLOCK  "org.uatrust.agent1.block"
#define NAMES_ACTION_RELOAD "org.uatrust.agent1.reload"

/* GetInfo */
#define NAMES_VENDOR  "uatrust"
#define NAMES_PRODUCT "uatrustd"
#define NAMES_URL     "" /* there is no page of the product yet */

/*
 * Places. The two below /run hold for root; anybody else has them below $XDG_RUNTIME_DIR/uatrust.
 */
#define NAMES_CONFIG_FILE   "/etc/uatrust/uatrustd.conf"
#define NAMES_STATE_DIR     "/var/lib/uatrust"
#define NAMES_RUN_DIR       "/run/uatrust"
#define NAMES_CLIENT_SOCKET "client/" NAMES_AGENT_INTERFACE /* below the run directory */
#define NAMES_ADMIN_SOCKET  "admin/" NAMES_ADMIN_INTERFACE
#define NAMES_PAGE          "page" /* beside the client socket */

/* Environment of clients: their defaults. */
#define NAMES_ENV_SOCKET       "UATRUST_SOCKET"
#define NAMES_ENV_ADMIN_SOCKET "UATRUST_ADMIN_SOCKET"
#define NAMES_ENV_STORE        "UATRUST_STORE"

#define NAMES_DEFAULT_STORE "default"

/*
 * Words that fields of kind string may hold.
 */

#define NAMES_PURPOSE_CLIENT "client"
#define NAMES_PURPOSE_SERVER "server"
#define NAMES_PURPOSE_USER   "user"
#define NAMES_PURPOSE_HTTPS  "https"

#define NAMES_SEVERITY_ERROR      "error"
#define NAMES_SEVERITY_SUPPRESSED "suppressed"
#define NAMES_SEVERITY_NOTE       "note"

#define NAMES_LIST_TRUSTED   "trusted"
#define NAMES_LIST_ISSUERS   "issuers"
#define NAMES_LIST_OWN       "own"
#define NAMES_LIST_REJECTED  "rejected"
#define NAMES_LIST_BLOCKED   "blocked"   /* of broken files */
#define NAMES_LIST_PRESENTED "presented" /* in a verdict's chain only */

#define NAMES_CRL_CURRENT       "current"
#define NAMES_CRL_NOT_YET_VALID "notYetValid"
#define NAMES_CRL_OUT_OF_DATE   "outOfDate"
#define NAMES_CRL_SUPERSEDED    "superseded"
#define NAMES_CRL_UNVERIFIED    "unverified"
#define NAMES_CRL_UNUSABLE      "unusable"

#define NAMES_EVENT_STATE   "state"
#define NAMES_EVENT_CHANGED "changed"
#define NAMES_EVENT_RESYNC  "resync"

#define NAMES_AUTHORITY_MISSING          "missing"
#define NAMES_AUTHORITY_CURRENT          "current"
#define NAMES_AUTHORITY_SOON_OUT_OF_DATE "soonOutOfDate"
#define NAMES_AUTHORITY_OUT_OF_DATE      "outOfDate"
#define NAMES_AUTHORITY_NOT_YET_VALID    "notYetValid"
#define NAMES_AUTHORITY_DAMAGED          "damaged"

#define NAMES_EXPIRY_SOON    "soonExpired"
#define NAMES_EXPIRY_EXPIRED "expired"

#define NAMES_CAUSE_BLOCKED   "blocked"
#define NAMES_CAUSE_REVOKED   "revoked"
#define NAMES_CAUSE_UNKNOWN   "unknown"
#define NAMES_CAUSE_UNTRUSTED "untrusted"
#define NAMES_CAUSE_EXPIRED   "expired"
#define NAMES_CAUSE_GOOD      "good"

#define NAMES_WARNING_CRL_MISSING              "crlMissing"
#define NAMES_WARNING_CRL_DAMAGED              "crlDamaged"
#define NAMES_WARNING_CRL_NOT_YET_VALID        "crlNotYetValid"
#define NAMES_WARNING_CRL_SOON_OUT_OF_DATE     "crlSoonOutOfDate"
#define NAMES_WARNING_CRL_OUT_OF_DATE          "crlOutOfDate"
#define NAMES_WARNING_CERTIFICATE_SOON_EXPIRED "certificateSoonExpired"
#define NAMES_WARNING_CERTIFICATE_EXPIRED      "certificateExpired"
#define NAMES_WARNING_TRUST_LIST_OUT_OF_DATE   "trustListOutOfDate"
#define NAMES_WARNING_CLOCK_NOT_PLAUSIBLE      "clockNotPlausible"

/* Lists of a trust list as OPC 10000-12 TrustListDataType names them. */
#define NAMES_TRUSTED_CERTIFICATES "trustedCertificates"
#define NAMES_TRUSTED_CRLS         "trustedCrls"
#define NAMES_ISSUER_CERTIFICATES  "issuerCertificates"
#define NAMES_ISSUER_CRLS          "issuerCrls"

#define NAMES_NOT_CHECKED_HOST   "hostName"
#define NAMES_NOT_CHECKED_URI    "uri"
#define NAMES_NOT_CHECKED_POLICY "policy"

/*
 * Limits of the wire. The first group is of what a request to validate may hold, beyond which it is
 * error TooLarge, which names the limit; the rest keeps one caller from hurting the others.
 */

enum {
        NAMES_CERTIFICATES_MAX = 10, /* presented in one request, counted after splitting */
        NAMES_CERTIFICATE_MAX_BYTES = 64 * 1024,   /* DER of each */
        NAMES_CERTIFICATES_MAX_BYTES = 256 * 1024, /* DER of all */
        NAMES_TEXT_MAX_BYTES = 4096,               /* a string of a request: URI, host name, path */
        NAMES_SUPPRESS_MAX = 32,                   /* names in one suppress list */
        NAMES_STORES_MAX = 64, /* names in one list of stores; stores of an agent */

        NAMES_CALL_MAX_BYTES = 512 * 1024, /* a call on the client socket, its NUL not counted */
        NAMES_ADMIN_CALL_MAX_BYTES = 8 * 1024 * 1024, /* on the admin socket */
        NAMES_CALL_VALUES_MAX = 4096,                 /* numbers, strings, objects, ... in a call */
        NAMES_REPLY_MAX_BYTES = 16 * 1024 * 1024,     /* a reply that a client accepts */
        NAMES_JSON_DEPTH_MAX = 8,                     /* objects and arrays inside each other */
        NAMES_PAGE_MAX = 1000, /* certificates or CRLs a reply; also the default */

        /*
         * What one user has at a time, and what one control group (a service, a container): half of
         * it, so that no service of a user takes all that its other ones need. Beyond:
         * QuotaExceeded.
         */
        NAMES_USER_CONNECTIONS_MAX = 2048, /* to the sockets */
        NAMES_CGROUP_CONNECTIONS_MAX = 1024,
        NAMES_USER_CALLS_MAX = 256, /* in flight: that wait for a store or a job */
        NAMES_CGROUP_CALLS_MAX = 128,
        /* of long calls that have not come wholly, or that have no reply yet */
        NAMES_USER_BYTES_MAX = 16 * 1024 * 1024,
        NAMES_CGROUP_BYTES_MAX = 8 * 1024 * 1024,
        NAMES_USER_QUESTIONS_MAX = 16, /* to polkit, that wait for people */
        NAMES_CGROUP_QUESTIONS_MAX = 8,
        NAMES_USER_PEERS_MAX = 20000, /* watched */
        NAMES_CGROUP_PEERS_MAX = 10000,
        NAMES_USER_PEERS_MAX_BYTES = 64 * 1024 * 1024, /* what was given of them */

        /*
         * Units of judgement (an RSA-2048 verification is one, 25 us) on the loop thread: a bucket
         * that holds 20 ms of it and fills with 2/5 of a processor's. Empty: judged by jobs.
         */
        NAMES_USER_UNITS_MAX = 800,
        NAMES_USER_UNITS_PER_S = 16000,
        NAMES_CGROUP_UNITS_MAX = 400,
        NAMES_CGROUP_UNITS_PER_S = 8000,

        NAMES_CONNECTION_CALLS_MAX =
                64, /* in flight; a `more` call that sent its first reply counts no longer */
        NAMES_BACKLOG_MAX_BYTES = 256 * 1024, /* replies that a client does not read */
        NAMES_UNSENT_MAX_MS = 30 * 1000, /* so long without a byte read by the client: closed */

        NAMES_BUS_WAIT_MS = 10 * 1000,     /* so long the bus may take to answer what we ask it */
        NAMES_POLKIT_WAIT_MS = 120 * 1000, /* and an administrator, to prove that he is one */
        NAMES_STORE_WAIT_MS = 10 * 1000,   /* a question waits for its store's first snapshot */
        NAMES_STORE_NAME_MAX_BYTES = 63,
        NAMES_CALL_TIMEOUT_MS = 200, /* default time limit of a client's call */

        /*
         * What one client of the library holds of verdicts: how many, and their bytes with the
         * questions'.
         */
        NAMES_HELD_MAX = 4096,
        NAMES_HELD_MAX_BYTES = 24 * 1024 * 1024,

        /* DER in one reply of ReadTrustList or ReadCrl; a CRL that is larger is read in parts. */
        NAMES_PART_MAX_BYTES = 1024 * 1024,

        /* Updates of a trust list, by administrators; beyond the first two: TooLarge. */
        NAMES_UPDATE_OBJECTS_MAX = 20000,           /* certificates and CRLs in one */
        NAMES_UPDATE_MAX_BYTES = 256 * 1024 * 1024, /* their DER */
        NAMES_UPDATES_OPEN_MAX = 16, /* sent in parts at a time; beyond these two: QuotaExceeded */
        NAMES_USER_UPDATES_OPEN_MAX = 4,
        NAMES_UPDATES_OPEN_MAX_BYTES = 512 * 1024 * 1024, /* of all that are open */
        NAMES_UPDATES_WAITING_MAX = 16,                   /* of one store; one more: Busy */
};

/** names_is_store() - is @name, NULL allowed, a possible name of a store: [a-z0-9_]{1,63}? */
bool names_is_store(const char *name);
