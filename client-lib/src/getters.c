/* SPDX-License-Identifier: Apache-2.0 */
#include "getters.h"

#include "proto/buf.h"
#include "proto/json.h"

#include <uatrust/admin.h>
#include <uatrust/news.h>

struct uatrust_finding {
        struct message_finding m;
};

struct uatrust_chain_element {
        struct message_chain_element m;
};

struct uatrust_store {
        struct message_store m;
};

struct uatrust_certificate {
        struct message_certificate m;
};

struct uatrust_broken_file {
        struct message_broken_file m;
};

struct uatrust_rejected {
        struct message_rejected m;
};

struct uatrust_block {
        struct message_block m;
};

struct uatrust_fallen_peer {
        struct message_fallen_peer m;
};

struct uatrust_crl {
        struct message_crl m;
};

struct uatrust_authority {
        struct message_authority m;
};

struct uatrust_expiry {
        struct message_expiry m;
};

struct uatrust_weakening {
        struct message_weakening m;
};

FLAG(verdict, is_trusted, trusted)
STATUS(verdict, status_code)
TEXT(verdict, status_name)
STATUS(verdict, wire_status_code)
TEXT(verdict, wire_status_name)
RECORD_AT(verdict, finding, finding, findings)
TEXT_AT(verdict, not_checked, not_checked)
RECORD_AT(verdict, chain, chain_element, chain)
TEXT(verdict, store)
TEXT(verdict, agent_id)
NUMBER(verdict, generation)
OPTIONAL_NUMBER(verdict, valid_until)
OPTIONAL_TEXT(verdict, audit_event_id)

TEXT(finding, severity)
TEXT(finding, step)
STATUS(finding, status_code)
TEXT(finding, status_name)
NUMBER(finding, chain_index)
TEXT(finding, thumbprint)
TEXT(finding, audit_event_type)
TEXT(finding, message)

TEXT(chain_element, sha256)
TEXT(chain_element, thumbprint)
TEXT(chain_element, subject)
TEXT(chain_element, list)
OPTIONAL_TEXT(chain_element, origin)

TEXT(stores, agent_id)
RECORD_AT(stores, store, store, stores)

TEXT(store, name)
FLAG(store, is_ready, ready)
OPTIONAL_TEXT(store, reason)
NUMBER(store, generation)
NUMBER(store, trusted)
NUMBER(store, issuers)
NUMBER(store, crls)
NUMBER(store, own)
NUMBER(store, rejected)
NUMBER(store, broken)
TEXT_AT(store, source, sources)
OPTIONAL_NUMBER(store, last_update_time)
OPTIONAL_NUMBER(store, soonest_expiry)
OPTIONAL_NUMBER(store, problems)

TEXT(certificates, store)
TEXT(certificates, agent_id)
NUMBER(certificates, generation)
RECORD_AT(certificates, certificate, certificate, certificates)
RECORD_AT(certificates, broken, broken_file, broken)

TEXT(certificate, sha256)
TEXT(certificate, thumbprint)
TEXT(certificate, subject)
TEXT(certificate, issuer)
TEXT(certificate, serial_number)
NUMBER(certificate, not_before)
NUMBER(certificate, not_after)
OPTIONAL_TEXT(certificate, application_uri)
FLAG(certificate, is_ca, is_ca)
TEXT(certificate, key_type)
TEXT(certificate, list)
TEXT_AT(certificate, origin, origins)

TEXT(broken_file, list)
TEXT(broken_file, origin)
TEXT(broken_file, reason)

TEXT(crls, store)
TEXT(crls, agent_id)
NUMBER(crls, generation)
RECORD_AT(crls, crl, crl, crls)

TEXT(crl, sha256)
TEXT(crl, issuer)
NUMBER(crl, this_update)
OPTIONAL_NUMBER(crl, next_update)
OPTIONAL_TEXT(crl, crl_number)
FLAG(crl, is_delta, is_delta)
NUMBER(crl, entries)
TEXT(crl, state)
OPTIONAL_TEXT(crl, signer)
TEXT(crl, list)
TEXT_AT(crl, origin, origins)

RECORD_AT(rejected_list, rejected, rejected, rejected)

TEXT(rejected, sha256)
TEXT(rejected, thumbprint)
TEXT(rejected, subject)
TEXT(rejected, issuer)
OPTIONAL_TEXT(rejected, application_uri)
TEXT(rejected, status_name)
TEXT(rejected, reason)
TEXT(rejected, purpose)
CONTEXT_TEXT(rejected, application)
CONTEXT_TEXT(rejected, peer_address)
CONTEXT_TEXT(rejected, endpoint_url)
OPTIONAL_NUMBER(rejected, uid)
OPTIONAL_TEXT(rejected, unit)
NUMBER(rejected, first_seen)
NUMBER(rejected, last_seen)
NUMBER(rejected, count)

RECORD_AT(blocks, block, block, blocks)

OPTIONAL_TEXT(block, sha256)
OPTIONAL_TEXT(block, issuer)
OPTIONAL_TEXT(block, serial_number)
OPTIONAL_TEXT(block, reason)
OPTIONAL_NUMBER(block, since)
OPTIONAL_NUMBER(block, uid)
TEXT(block, origin)

FLAG(update, is_changed, update.changed)

const char *uatrust_update_get_store(const struct uatrust_update *update)
{
        return update->m.update.store ? update->m.update.store : "";
}

int64_t uatrust_update_get_generation(const struct uatrust_update *update)
{
        return update->m.update.generation;
}

const char *uatrust_update_get_added(const struct uatrust_update *update, size_t i)
{
        return i < update->m.update.n_added ? update->m.update.added[i] : NULL;
}

const char *uatrust_update_get_removed(const struct uatrust_update *update, size_t i)
{
        return i < update->m.update.n_removed ? update->m.update.removed[i] : NULL;
}

const struct uatrust_fallen_peer *uatrust_update_get_fallen(const struct uatrust_update *update,
                                                            size_t i)
{
        if (i >= update->m.update.n_fallen)
                return NULL;
        return (const struct uatrust_fallen_peer *)&update->m.update.fallen[i];
}

TEXT(fallen_peer, key)
TEXT(fallen_peer, cause)
TEXT(fallen_peer, status_name)
TEXT(fallen_peer, subject)
NUMBER(fallen_peer, uid)
CONTEXT_TEXT(fallen_peer, application)
CONTEXT_TEXT(fallen_peer, peer_address)

TEXT(freshness, store)
TEXT(freshness, agent_id)
NUMBER(freshness, generation)
FLAG(freshness, is_clock_plausible, clock_is_plausible)
FLAG(freshness, is_out_of_date, is_out_of_date)
OPTIONAL_NUMBER(freshness, last_update_time)
OPTIONAL_NUMBER(freshness, update_frequency)
RECORD_AT(freshness, authority, authority, authorities)
RECORD_AT(freshness, expiry, expiry, expiries)

TEXT(authority, sha256)
TEXT(authority, subject)
TEXT(authority, list)
TEXT(authority, state)
TEXT(authority, revocation_check)
OPTIONAL_TEXT(authority, crl)
OPTIONAL_NUMBER(authority, this_update)
OPTIONAL_NUMBER(authority, next_update)
FLAG(authority, is_in_grace, in_grace)

TEXT(expiry, sha256)
TEXT(expiry, thumbprint)
TEXT(expiry, subject)
TEXT(expiry, list)
NUMBER(expiry, not_after)
TEXT(expiry, state)

RECORD_AT(weakenings, weakening, weakening, weakenings)

TEXT(weakening, store)
TEXT(weakening, setting)
TEXT(weakening, value)
OPTIONAL_TEXT(weakening, subject)

TEXT(info, vendor)
TEXT(info, product)
TEXT(info, version)
TEXT(info, url)

TEXT(event, kind)
TEXT(event, store)
TEXT(event, agent_id)
NUMBER(event, generation)
TEXT_AT(event, added, added)
TEXT_AT(event, removed, removed)
TEXT_AT(event, broken, broken)
TEXT_AT(event, healed, healed)
TEXT_AT(event, affected_issuer, affected_issuers)

/*
 * Owned records: freeing, and JSON.
 */

char *getters_to_json(const struct schema *schema, const void *message)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        char *json = NULL;

        json_encode(schema, message, &text);
        if (buf_take_text(&text, &json))
                return NULL;
        return json;
}

JSON(verdict, message_verdict_schema)
OWNED(stores, message_list_stores_reply_schema)
OWNED(certificates, message_list_certificates_reply_schema)
OWNED(crls, message_list_crls_reply_schema)
OWNED(freshness, message_get_freshness_reply_schema)
OWNED(weakenings, message_list_weakenings_reply_schema)
OWNED(rejected_list, message_list_rejected_reply_schema)
OWNED(blocks, message_list_blocks_reply_schema)
FREE(update, message_update_reply_schema)
OWNED(info, message_get_info_reply_schema)
OWNED(event, message_event_schema)

/* As a verdict: without the name that its reply gives it. */
char *uatrust_update_to_json(const struct uatrust_update *update)
{
        return getters_to_json(&message_update_schema, &update->m.update);
}
