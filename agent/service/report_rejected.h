/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Report rejected - a refused certificate, and what is known of it, in the words of the wire.
 */

struct cert;
struct message_rejected;
struct rejected_record;

/**
 * report_rejected() - as ListRejected and the notice CertificateRejected have it
 * @record: NULL: nothing is known but what the certificate says itself
 * @out:    schema_deinit() it, also after a failure
 *
 * Return: 0 or -ENOMEM.
 */
int report_rejected(const char *store, const struct cert *cert,
                    const struct rejected_record *record, struct message_rejected *out);
