/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Report - what trust and engine found, in the words of the wire. Each function fills an empty
 * message that the caller frees by schema_deinit(), also after a failure. Return of all: 0 or
 * -ENOMEM.
 */

#include "trust/role.h"

#include <stdint.h>

struct change;
struct entry;
struct message_broken_file;
struct message_certificate;
struct message_crl;
struct message_event;
struct message_store;
struct message_verdict;
struct settings;
struct snapshot_cert;
struct snapshot_crl;
struct store_state;
struct verdict;

#define REPORT_EVENT_MAX 1000 /* thumbprints and origins in one event; more make it a resync */

/**
 * report_verdict() - without auditEventId; @agent_id, the store's name and generation are what it
 * rests on
 */
int report_verdict(const struct verdict *verdict, const struct store_state *state,
                   const char *agent_id, struct message_verdict *out);

/**
 * report_event() - news of a store
 * @kind:   NAMES_EVENT_*
 * @change: NULL: lists stay empty, but for a state, whose broken lists what is broken now
 */
int report_event(const char *kind, const struct store_state *state, const char *agent_id,
                 const struct change *change, struct message_event *out);

/** report_store() - @state keeps its hash */
int report_store(struct store_state *state, struct message_store *out);

/** report_certificate() - as it stands in one list, with the files of that list */
int report_certificate(const struct snapshot_cert *cert, enum role role,
                       struct message_certificate *out);

int report_broken(const struct entry *entry, struct message_broken_file *out);

/** report_crl() - with its state at a moment; see org.uatrust.agent1.varlink for the words */
int report_crl(const struct snapshot_crl *crl, const struct settings *settings, int64_t now_s,
               struct message_crl *out);
