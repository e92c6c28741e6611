/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UATRUST_ADMIN_H
#define UATRUST_ADMIN_H

/*
 * libuatrust for administrators - what was refused, what is blocked, and changing what is trusted.
 * All that <uatrust/uatrust.h> says of ownership, errors and threads holds here, too.
 */

#include <uatrust/async.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct uatrust_rejected_list;
struct uatrust_rejected;
struct uatrust_blocks;
struct uatrust_block;
struct uatrust_change;
struct uatrust_update;
struct uatrust_fallen_peer;
struct uatrust_transaction;

/** uatrust_list_rejected() - what @store, NULL: the client's, has refused, last seen first */
int uatrust_list_rejected(struct uatrust_client *client, const char *store,
                          struct uatrust_rejected_list **out, struct uatrust_error **error);
int uatrust_list_rejected_start(struct uatrust_call *call, const char *store,
                                struct uatrust_error **error);
int uatrust_list_rejected_finish(struct uatrust_call *call, struct uatrust_rejected_list **out,
                                 struct uatrust_error **error);
void uatrust_rejected_list_free(struct uatrust_rejected_list *list);
const struct uatrust_rejected *uatrust_rejected_list_get_rejected(
        const struct uatrust_rejected_list *list, size_t i);

const char *uatrust_rejected_get_sha256(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_thumbprint(const struct uatrust_rejected *rejected); /* SHA-1 */
const char *uatrust_rejected_get_subject(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_issuer(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_application_uri(
        const struct uatrust_rejected *rejected); /* NULL: none */

/* why, and one sentence more; as what it was presented */
const char *uatrust_rejected_get_status_name(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_reason(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_purpose(const struct uatrust_rejected *rejected);

/* what the request said of it, NULL: nothing; and who asked last */
const char *uatrust_rejected_get_application(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_peer_address(const struct uatrust_rejected *rejected);
const char *uatrust_rejected_get_endpoint_url(const struct uatrust_rejected *rejected);
bool uatrust_rejected_get_uid(const struct uatrust_rejected *rejected, int64_t *out);
const char *uatrust_rejected_get_unit(const struct uatrust_rejected *rejected);
int64_t uatrust_rejected_get_first_seen(
        const struct uatrust_rejected *rejected); /* seconds since 1970 */
int64_t uatrust_rejected_get_last_seen(const struct uatrust_rejected *rejected);
int64_t uatrust_rejected_get_count(const struct uatrust_rejected *rejected);

/** uatrust_list_blocks() - which certificates are blocked in @store, NULL: the client's */
int uatrust_list_blocks(struct uatrust_client *client, const char *store,
                        struct uatrust_blocks **out, struct uatrust_error **error);
int uatrust_list_blocks_start(struct uatrust_call *call, const char *store,
                              struct uatrust_error **error);
int uatrust_list_blocks_finish(struct uatrust_call *call, struct uatrust_blocks **out,
                               struct uatrust_error **error);
void uatrust_blocks_free(struct uatrust_blocks *blocks);
const struct uatrust_block *uatrust_blocks_get_block(const struct uatrust_blocks *blocks, size_t i);

/* of whom: SHA-256; or issuer and serial number in hex; the others are NULL */
const char *uatrust_block_get_sha256(const struct uatrust_block *block);
const char *uatrust_block_get_issuer(const struct uatrust_block *block);
const char *uatrust_block_get_serial_number(const struct uatrust_block *block);
const char *uatrust_block_get_reason(const struct uatrust_block *block);       /* NULL: none */
bool uatrust_block_get_since(const struct uatrust_block *block, int64_t *out); /* since 1970 */
bool uatrust_block_get_uid(const struct uatrust_block *block, int64_t *out);
const char *uatrust_block_get_origin(const struct uatrust_block *block); /* its file */

/*
 * Changing what is trusted (OPC 10000-12 TrustListType), by the admin socket: its mode and group
 * say who may. All or nothing, and in force when the call returns. Done twice is done once: the
 * second update has not changed anything.
 *
 * A time limit of 200 ms may be short for disks: a call that ran out of time may have been carried
 * out all the same.
 */

/**
 * uatrust_client_set_admin_socket() - where changes go; else $UATRUST_ADMIN_SOCKET, or the host's
 */
int uatrust_client_set_admin_socket(struct uatrust_client *client, const char *path,
                                    struct uatrust_error **error);

/**
 * uatrust_change_new() - how: no store (the client's), no list, no reason; Return: NULL if memory
 * is short
 */
struct uatrust_change *uatrust_change_new(void);
void uatrust_change_free(struct uatrust_change *change);

/*
 * Texts are copied; NULL: none. Memory that runs short here is reported by the call that gets the
 * change.
 */
void uatrust_change_set_store(struct uatrust_change *change, const char *store);

/**
 * uatrust_change_set_list() - trusted or issuers, of what is added or removed; by default trusted,
 * or either
 */
void uatrust_change_set_list(struct uatrust_change *change, const char *list);

/** uatrust_change_set_reason() - why; for the audit */
void uatrust_change_set_reason(struct uatrust_change *change, const char *reason);

/** uatrust_change_set_dry_run() - only say what would change */
void uatrust_change_set_dry_run(struct uatrust_change *change, bool is_dry_run);

/** uatrust_add_certificate(), uatrust_add_crl() - @der: of one object, @n_der bytes */
int uatrust_add_certificate(struct uatrust_client *client, const struct uatrust_change *change,
                            const void *der, size_t n_der, struct uatrust_update **out,
                            struct uatrust_error **error);
int uatrust_add_crl(struct uatrust_client *client, const struct uatrust_change *change,
                    const void *der, size_t n_der, struct uatrust_update **out,
                    struct uatrust_error **error);

/** uatrust_add_certificate_file() - the one certificate in a file, PEM or DER */
int uatrust_add_certificate_file(struct uatrust_client *client, const struct uatrust_change *change,
                                 const char *path, struct uatrust_update **out,
                                 struct uatrust_error **error);

/**
 * uatrust_remove_certificate() - and with a CA its revocation lists; @thumbprint: SHA-1 or SHA-256
 * in hex
 */
int uatrust_remove_certificate(struct uatrust_client *client, const struct uatrust_change *change,
                               const char *thumbprint, struct uatrust_update **out,
                               struct uatrust_error **error);
int uatrust_remove_crl(struct uatrust_client *client, const struct uatrust_change *change,
                       const char *sha256, struct uatrust_update **out,
                       struct uatrust_error **error);

/** uatrust_trust_rejected() - move a certificate from the rejected to the trusted list */
int uatrust_trust_rejected(struct uatrust_client *client, const struct uatrust_change *change,
                           const char *thumbprint, struct uatrust_update **out,
                           struct uatrust_error **error);
int uatrust_remove_rejected(struct uatrust_client *client, const struct uatrust_change *change,
                            const char *thumbprint, struct uatrust_update **out,
                            struct uatrust_error **error);

/** uatrust_block() - whatever else trusts it, the certificate of this SHA-256 is not trusted */
int uatrust_block(struct uatrust_client *client, const struct uatrust_change *change,
                  const char *sha256, struct uatrust_update **out, struct uatrust_error **error);
int uatrust_unblock(struct uatrust_client *client, const struct uatrust_change *change,
                    const char *sha256, struct uatrust_update **out, struct uatrust_error **error);

/**
 * uatrust_block_serial() - the same of what that CA, by its SHA-256, gave this serial number in hex
 */
int uatrust_block_serial(struct uatrust_client *client, const struct uatrust_change *change,
                         const char *issuer_sha256, const char *serial_number,
                         struct uatrust_update **out, struct uatrust_error **error);
int uatrust_unblock_serial(struct uatrust_client *client, const struct uatrust_change *change,
                           const char *issuer_sha256, const char *serial_number,
                           struct uatrust_update **out, struct uatrust_error **error);

/*
 * Whole lists at once (OPC 10000-12 CloseAndUpdate): what is given is what they hold afterwards. It
 * is sent in parts, and only applying it changes anything; an agent forgets what nobody goes on
 * with for a minute.
 */

enum uatrust_list {
        UATRUST_LIST_TRUSTED_CERTIFICATES = 1,
        UATRUST_LIST_TRUSTED_CRLS = 2,
        UATRUST_LIST_ISSUER_CERTIFICATES = 4,
        UATRUST_LIST_ISSUER_CRLS = 8,
};

/**
 * uatrust_transaction_new() - begin
 * @client: kept
 * @change: its store and reason; not kept
 * @lists:  bits of enum uatrust_list: which are replaced, the others stay as they are
 * @out:    uatrust_transaction_free() it before the client
 *
 * If one of these lists is changed by somebody else meanwhile, to apply it is UATRUST_E_CONFLICT.
 */
int uatrust_transaction_new(struct uatrust_client *client, const struct uatrust_change *change,
                            unsigned int lists, struct uatrust_transaction **out,
                            struct uatrust_error **error);

/** uatrust_transaction_add() - one more object of one of its lists; may send what was added */
int uatrust_transaction_add(struct uatrust_transaction *transaction, enum uatrust_list list,
                            const void *der, size_t n_der, struct uatrust_error **error);

/**
 * uatrust_transaction_apply() - put it into force, or say what that would change
 * @is_dry_run: whatever the change said; more may be added, and it may be applied, afterwards
 */
int uatrust_transaction_apply(struct uatrust_transaction *transaction, bool is_dry_run,
                              struct uatrust_update **out, struct uatrust_error **error);

/** uatrust_transaction_free() - and have the agent forget it, if it was not applied */
void uatrust_transaction_free(struct uatrust_transaction *transaction);

/** uatrust_reload() - have the agent read its configuration anew, and look at all directories */
int uatrust_reload(struct uatrust_client *client, struct uatrust_error **error);

/*
 * The same without blocking: any of these starts, then uatrust_change_finish(); of
 * uatrust_reload_start(), uatrust_call_finish(). Each has a connection of its own, so that they are
 * carried out in any order; of one that is cancelled, or whose connection is lost, nobody knows
 * whether it was.
 */
int uatrust_add_certificate_start(struct uatrust_call *call, const struct uatrust_change *change,
                                  const void *der, size_t n_der, struct uatrust_error **error);
int uatrust_add_crl_start(struct uatrust_call *call, const struct uatrust_change *change,
                          const void *der, size_t n_der, struct uatrust_error **error);
int uatrust_remove_certificate_start(struct uatrust_call *call, const struct uatrust_change *change,
                                     const char *thumbprint, struct uatrust_error **error);
int uatrust_remove_crl_start(struct uatrust_call *call, const struct uatrust_change *change,
                             const char *sha256, struct uatrust_error **error);
int uatrust_trust_rejected_start(struct uatrust_call *call, const struct uatrust_change *change,
                                 const char *thumbprint, struct uatrust_error **error);
int uatrust_remove_rejected_start(struct uatrust_call *call, const struct uatrust_change *change,
                                  const char *thumbprint, struct uatrust_error **error);
int uatrust_block_start(struct uatrust_call *call, const struct uatrust_change *change,
                        const char *sha256, struct uatrust_error **error);
int uatrust_unblock_start(struct uatrust_call *call, const struct uatrust_change *change,
                          const char *sha256, struct uatrust_error **error);
int uatrust_block_serial_start(struct uatrust_call *call, const struct uatrust_change *change,
                               const char *issuer_sha256, const char *serial_number,
                               struct uatrust_error **error);
int uatrust_unblock_serial_start(struct uatrust_call *call, const struct uatrust_change *change,
                                 const char *issuer_sha256, const char *serial_number,
                                 struct uatrust_error **error);
int uatrust_reload_start(struct uatrust_call *call, struct uatrust_error **error);
int uatrust_change_finish(struct uatrust_call *call, struct uatrust_update **out,
                          struct uatrust_error **error);

void uatrust_update_free(struct uatrust_update *update);
bool uatrust_update_is_changed(const struct uatrust_update *update);
const char *uatrust_update_get_store(const struct uatrust_update *update);

/** uatrust_update_get_generation() - of the store, in which it is in force */
int64_t uatrust_update_get_generation(const struct uatrust_update *update);
const char *uatrust_update_get_added(const struct uatrust_update *update, size_t i); /* SHA-256 */
const char *uatrust_update_get_removed(const struct uatrust_update *update, size_t i);

/** uatrust_update_get_fallen() - the watched peers, good until then, that are so no more */
const struct uatrust_fallen_peer *uatrust_update_get_fallen(const struct uatrust_update *update,
                                                            size_t i);
const char *uatrust_fallen_peer_get_key(const struct uatrust_fallen_peer *peer);
const char *uatrust_fallen_peer_get_cause(const struct uatrust_fallen_peer *peer);
const char *uatrust_fallen_peer_get_status_name(const struct uatrust_fallen_peer *peer);
const char *uatrust_fallen_peer_get_subject(const struct uatrust_fallen_peer *peer);
int64_t uatrust_fallen_peer_get_uid(const struct uatrust_fallen_peer *peer); /* who watches it */
const char *uatrust_fallen_peer_get_application(const struct uatrust_fallen_peer *peer);
const char *uatrust_fallen_peer_get_peer_address(const struct uatrust_fallen_peer *peer);

/* The same objects as JSON, as in <uatrust/uatrust.h>. */
char *uatrust_rejected_list_to_json(const struct uatrust_rejected_list *list);
char *uatrust_blocks_to_json(const struct uatrust_blocks *blocks);
char *uatrust_update_to_json(const struct uatrust_update *update);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
