/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Row - one sentence about validation that is executed: a world of certificates and CRLs, a question, and the
 * verdict. The rows are the rules; an engine that disagrees with one is wrong, or the row is.
 *
 * What a row does not give is the plainest there is: no settings, purpose client, no URI, no host, no policy, the
 * moment MINT_NOW_S. What it expects is exact: no other errors and suppressed findings than it names; of the notes
 * those that it names. The status is that of the first error, Good if there is none.
 *
 * Worlds are built from specs (harness/mint.h) by trust/builder; there is no agent, no file and no clock.
 */

#include "engine/profile.h"
#include "engine/verdict.h"
#include "harness/mint.h"
#include "proto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROW_LIST_MAX     12
#define ROW_FINDINGS_MAX 8

/* For until_s: time alone changes nothing. */
#define ROW_FOREVER INT64_MAX

/* For at: about no certificate of the chain. */
#define ROW_NOWHERE (-1)

struct row_finding {
        enum severity severity;
        enum step step;
        uint32_t status;  /* not compared of a note */
        int at;           /* place in the chain, 0 the certificate in question */
        bool is_absent;   /* of the "/absent" kind */
        const char *says; /* a part of the sentence; NULL: whatever it says */
};

struct row_ca {
        const struct mint_cert *ca;
        const char *revocation_check;
};

struct row {
        const char *id; /* a sentence; the name of the test */
        const char
                *clause; /* what it carries out: "OPC 10000-4 6.1.3 step 6", "RFC 5280 4.2.1.9" */

        /* The world: what the lists of the store hold, NULL behind the last. */
        const struct mint_cert *trusted[ROW_LIST_MAX], *issuers[ROW_LIST_MAX];
        const struct mint_cert *const *crowd; /* further ones in issuers; NULL: none */
        const struct mint_crl *crls[ROW_LIST_MAX];
        const struct mint_crl *last_good[ROW_LIST_MAX]; /* of files that are damaged now */
        const struct mint_cert *blocked[ROW_LIST_MAX];
        const struct mint_cert *blocked_serials[ROW_LIST_MAX]; /* by issuer and serial number */
        const char *settings; /* "Strictness=field; CrlMaxAge=7d" */
        struct row_ca revocation_checks[ROW_LIST_MAX];

        /* The question. */
        const struct mint_cert *presented[ROW_LIST_MAX]; /* an element each */
        bool is_joined; /* one after another in one element, as OPC UA sends them */
        void (*spoil)(struct mint_der *element); /* changes the first element; may reallocate */
        enum purpose purpose;
        const char *policy; /* the part behind '#' */
        const char *uri, *host;
        const char *suppress; /* names, as a request has them */
        int64_t now_s;        /* 0: MINT_NOW_S */
        int64_t at_least_s;   /* 0: now_s */

        /* The verdict. */
        struct row_finding findings[ROW_FINDINGS_MAX];
        uint32_t wire; /* 0: as the table has it for the first error */
        const struct mint_cert *chain[ROW_LIST_MAX]; /* leaf first; empty: not compared */
        int64_t until_s;                             /* 0: not compared */
        const char *not_checked; /* "hostName uri policy", in this order; NULL: not compared */
};

/* Findings: FAIL(TIME_INVALID, VALIDITY, 0) is an error about the leaf, LET one that was suppressed. */
#define ROW_FINDING(severity_, code, step_, at_)                                                   \
        .severity = SEVERITY_##severity_, .step = STEP_##step_,                                    \
        .status = STATUS_CERTIFICATE_##code, .at = (at_)
#define FAIL(code, step, at)                                                                       \
        {                                                                                          \
                ROW_FINDING(ERROR, code, step, at)                                                 \
        }
#define FAIL_SAYS(code, step, at, text)                                                            \
        {                                                                                          \
                ROW_FINDING(ERROR, code, step, at), .says = (text)                                 \
        }
#define FAIL_ABSENT(code, step, at)                                                                \
        {                                                                                          \
                ROW_FINDING(ERROR, code, step, at), .is_absent = true                              \
        }
#define LET(code, step, at)                                                                        \
        {                                                                                          \
                ROW_FINDING(SUPPRESSED, code, step, at)                                            \
        }
#define LET_ABSENT(code, step, at)                                                                 \
        {                                                                                          \
                ROW_FINDING(SUPPRESSED, code, step, at), .is_absent = true                         \
        }
#define NOTE(step_, at_, text)                                                                     \
        {                                                                                          \
                .severity = SEVERITY_NOTE, .step = STEP_##step_, .at = (at_), .says = (text)       \
        }

/**
 * row_run() - judge every row, each as a test of its own; with CONFORMANCE_WRITE=FOLDER write them there instead
 * @subject: the name of the group
 *
 * Beside what a row expects, each verdict is held against what is true of every verdict (order of the findings, wire
 * status, no suppressed finding of a kind that cannot be suppressed), asked again with a small budget, one second
 * before its end, and with the message in another order. Each row is then turned round and has to fail.
 *
 * Return: the number of rows that failed, for main().
 */
int row_run(const char *subject, const struct row *rows, size_t n);

/** row_run_attacks() - the same, and once more with every suppression on: whatever is found then, it is not Good */
int row_run_attacks(const struct row *rows, size_t n);
