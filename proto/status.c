/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/status.h"

#include "proto/compiler.h"
#include "proto/names.h"

#include <assert.h>
#include <string.h>

static const struct {
        const char *name;
        uint32_t code;
} codes[] = {
        { "Good", STATUS_GOOD },
        { "BadCertificateInvalid", STATUS_CERTIFICATE_INVALID },
        { "BadSecurityChecksFailed", STATUS_SECURITY_CHECKS_FAILED },
        { "BadCertificateTimeInvalid", STATUS_CERTIFICATE_TIME_INVALID },
        { "BadCertificateIssuerTimeInvalid", STATUS_CERTIFICATE_ISSUER_TIME_INVALID },
        { "BadCertificateHostNameInvalid", STATUS_CERTIFICATE_HOST_NAME_INVALID },
        { "BadCertificateUriInvalid", STATUS_CERTIFICATE_URI_INVALID },
        { "BadCertificateUseNotAllowed", STATUS_CERTIFICATE_USE_NOT_ALLOWED },
        { "BadCertificateIssuerUseNotAllowed", STATUS_CERTIFICATE_ISSUER_USE_NOT_ALLOWED },
        { "BadCertificateUntrusted", STATUS_CERTIFICATE_UNTRUSTED },
        { "BadCertificateRevocationUnknown", STATUS_CERTIFICATE_REVOCATION_UNKNOWN },
        { "BadCertificateIssuerRevocationUnknown", STATUS_CERTIFICATE_ISSUER_REVOCATION_UNKNOWN },
        { "BadCertificateRevoked", STATUS_CERTIFICATE_REVOKED },
        { "BadCertificateIssuerRevoked", STATUS_CERTIFICATE_ISSUER_REVOKED },
        { "BadIdentityTokenInvalid", STATUS_IDENTITY_TOKEN_INVALID },
        { "BadIdentityTokenRejected", STATUS_IDENTITY_TOKEN_REJECTED },
        { "BadCertificateChainIncomplete", STATUS_CERTIFICATE_CHAIN_INCOMPLETE },
        { "BadCertificatePolicyCheckFailed", STATUS_CERTIFICATE_POLICY_CHECK_FAILED },
};

const char *status_code_name(uint32_t code)
{
        for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
                if (codes[i].code == code)
                        return codes[i].name;
        return NULL;
}

static_assert(ARRAY_SIZE(codes) == STATUS_CODES, "STATUS_CODES counts them");

size_t status_code_index(uint32_t code)
{
        for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
                if (codes[i].code == code)
                        return i;
        return 0;
}

const char *status_code_at(size_t index)
{
        return codes[index].name;
}

int status_code_find(const char *name, uint32_t *out)
{
        for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
                if (!strcmp(codes[i].name, name)) {
                        *out = codes[i].code;
                        return 0;
                }
        }
        return -1;
}

static const struct {
        const char *name;
        enum status_audit type;
} audits[] = {
        { "AuditCertificateEventType", STATUS_AUDIT_CERTIFICATE },
        { "AuditCertificateDataMismatchEventType", STATUS_AUDIT_DATA_MISMATCH },
        { "AuditCertificateExpiredEventType", STATUS_AUDIT_EXPIRED },
        { "AuditCertificateInvalidEventType", STATUS_AUDIT_INVALID },
        { "AuditCertificateUntrustedEventType", STATUS_AUDIT_UNTRUSTED },
        { "AuditCertificateRevokedEventType", STATUS_AUDIT_REVOKED },
        { "AuditCertificateMismatchEventType", STATUS_AUDIT_MISMATCH },
        { "TrustListUpdatedAuditEventType", STATUS_AUDIT_TRUST_LIST_UPDATED },
};

const char *status_audit_name(enum status_audit type)
{
        for (size_t i = 0; i < ARRAY_SIZE(audits); i++)
                if (audits[i].type == type)
                        return audits[i].name;

        assert(false);
        return NULL;
}

int status_audit_find(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(audits); i++)
                if (!strcmp(audits[i].name, name))
                        return audits[i].type;
        return 0;
}

/* Exit codes of the command uatrust, those of sysexits.h but for usage. */
enum {
        EXIT_USAGE = 2,
        EXIT_NO_INPUT = 66,
        EXIT_UNREACHABLE = 69,
        EXIT_SYSTEM = 71,
        EXIT_TRY_AGAIN = 75,
        EXIT_PROTOCOL = 76,
        EXIT_DENIED = 77,
};

#define AGENT(name)   NAMES_AGENT_INTERFACE "." name, NAMES_BUS ".Error." name
#define SERVICE(name) NAMES_SERVICE_INTERFACE "." name, "org.freedesktop.DBus.Error."
#define LOCAL         NULL, NULL

static const struct status_error_row errors[] = {
        { STATUS_E_NO_SUCH_STORE, AGENT("NoSuchStore"), EXIT_USAGE, "no such store" },
        { STATUS_E_STORE_NOT_READY, AGENT("StoreNotReady"), EXIT_TRY_AGAIN, "store is not ready" },
        { STATUS_E_STORE_IN_DOUBT, AGENT("StoreInDoubt"), EXIT_TRY_AGAIN, "store is in doubt" },
        { STATUS_E_BUSY, AGENT("Busy"), EXIT_TRY_AGAIN, "agent is busy" },
        { STATUS_E_QUOTA_EXCEEDED, AGENT("QuotaExceeded"), EXIT_TRY_AGAIN, "quota exceeded" },
        { STATUS_E_TOO_LARGE, AGENT("TooLarge"), EXIT_USAGE, "too large" },
        { STATUS_E_CONFLICT, AGENT("Conflict"), EXIT_TRY_AGAIN, "changed by somebody else" },
        { STATUS_E_BAD_REQUEST, AGENT("BadRequest"), EXIT_USAGE, "bad request" },
        { STATUS_E_NO_SUCH_CERTIFICATE, AGENT("NoSuchCertificate"), EXIT_USAGE,
          "no such certificate" },
        { STATUS_E_READ_ONLY, AGENT("ReadOnly"), EXIT_DENIED, "cannot be written" },

        { STATUS_E_INTERFACE_NOT_FOUND, SERVICE("InterfaceNotFound") "UnknownInterface",
          EXIT_PROTOCOL, "no such interface" },
        { STATUS_E_METHOD_NOT_FOUND, SERVICE("MethodNotFound") "UnknownMethod", EXIT_PROTOCOL,
          "no such method" },
        { STATUS_E_METHOD_NOT_IMPLEMENTED, SERVICE("MethodNotImplemented") "NotSupported",
          EXIT_PROTOCOL, "method is not implemented" },
        { STATUS_E_INVALID_PARAMETER, SERVICE("InvalidParameter") "InvalidArgs", EXIT_USAGE,
          "invalid parameter" },
        { STATUS_E_PERMISSION_DENIED, SERVICE("PermissionDenied") "AccessDenied", EXIT_DENIED,
          "permission denied" },
        { STATUS_E_EXPECTED_MORE, SERVICE("ExpectedMore") "InvalidArgs", EXIT_PROTOCOL,
          "method gives more than one reply" },

        { STATUS_E_UNREACHABLE, LOCAL, EXIT_UNREACHABLE, "agent is not reachable" },
        { STATUS_E_TIMED_OUT, LOCAL, EXIT_UNREACHABLE, "agent did not answer in time" },
        { STATUS_E_PROTOCOL, LOCAL, EXIT_PROTOCOL, "agent's answer is not understood" },
        { STATUS_E_NO_MEMORY, LOCAL, EXIT_SYSTEM, "out of memory" },
        { STATUS_E_INVALID_ARGUMENT, LOCAL, EXIT_USAGE, "invalid argument" },
        { STATUS_E_FILE, LOCAL, EXIT_NO_INPUT, "cannot read file" },
        { STATUS_E_SYSTEM, LOCAL, EXIT_SYSTEM, "system error" },
};

const struct status_error_row *status_error_get(enum status_error error)
{
        for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
                if (errors[i].error == error)
                        return &errors[i];

        assert(false);
        return NULL;
}

enum status_error status_error_find(const char *varlink)
{
        for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
                if (errors[i].varlink && !strcmp(errors[i].varlink, varlink))
                        return errors[i].error;
        return STATUS_E_PROTOCOL;
}
