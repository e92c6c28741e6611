/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/usages.h"

#include "pki/der.h"
#include "proto/compiler.h"

#define N_USAGES 9

bool usages_read_key(struct bytes value, struct faults *faults, unsigned int *out)
{
        struct bytes content;
        bool is_minimal;

        if (!der_read_only(value, DER_BIT_STRING, &content) ||
            !der_named_bits(content, N_USAGES, out, &is_minimal))
                return false;

        if (!is_minimal)
                faults_add(faults, FAULT_KEY_USAGE_FORM);
        return *out;
}

static enum cert_purpose find_purpose(struct bytes oid)
{
        static const struct {
                struct bytes oid;
                enum cert_purpose purpose;
        } rows[] = {
                { BYTES("\x2b\x06\x01\x05\x05\x07\x03\x01"), CERT_PURPOSE_SERVER },
                { BYTES("\x2b\x06\x01\x05\x05\x07\x03\x02"), CERT_PURPOSE_CLIENT },
                { BYTES("\x2b\x06\x01\x05\x05\x07\x03\x04"), CERT_PURPOSE_EMAIL },
                { BYTES("\x55\x1d\x25\x00"), CERT_PURPOSE_ANY },
                { BYTES("\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02"), CERT_PURPOSE_SMARTCARD_LOGON },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (bytes_equal(rows[i].oid, oid))
                        return rows[i].purpose;

        return CERT_PURPOSE_OTHER;
}

bool usages_read_extended(struct bytes value, unsigned int *out)
{
        struct bytes oids, oid;

        if (!der_read_only(value, DER_SEQUENCE, &oids) || !oids.n)
                return false;

        while (oids.n) {
                if (!der_read(&oids, DER_OID, &oid) || !oid.n)
                        return false;
                *out |= find_purpose(oid);
        }

        return true;
}
