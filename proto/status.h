/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Status - three small tables: the OPC UA status codes that a verdict may hold, the audit event types that go with
 * them, and every error of the API with its name at each door. "Not trusted" is no error: it is a verdict with
 * a status code.
 */

#include <stddef.h>
#include <stdint.h>

/*
 * OPC UA status codes (OPC 10000-6, StatusCode.csv). Names lack nothing: "BadCertificateRevoked", "Good".
 */

enum {
        STATUS_GOOD = 0,
        STATUS_CERTIFICATE_INVALID = 0x80120000,
        STATUS_SECURITY_CHECKS_FAILED = 0x80130000,
        STATUS_CERTIFICATE_TIME_INVALID = 0x80140000,
        STATUS_CERTIFICATE_ISSUER_TIME_INVALID = 0x80150000,
        STATUS_CERTIFICATE_HOST_NAME_INVALID = 0x80160000,
        STATUS_CERTIFICATE_URI_INVALID = 0x80170000,
        STATUS_CERTIFICATE_USE_NOT_ALLOWED = 0x80180000,
        STATUS_CERTIFICATE_ISSUER_USE_NOT_ALLOWED = 0x80190000,
        STATUS_CERTIFICATE_UNTRUSTED = 0x801A0000,
        STATUS_CERTIFICATE_REVOCATION_UNKNOWN = 0x801B0000,
        STATUS_CERTIFICATE_ISSUER_REVOCATION_UNKNOWN = 0x801C0000,
        STATUS_CERTIFICATE_REVOKED = 0x801D0000,
        STATUS_CERTIFICATE_ISSUER_REVOKED = 0x801E0000,
        STATUS_IDENTITY_TOKEN_INVALID = 0x80200000,
        STATUS_IDENTITY_TOKEN_REJECTED = 0x80210000,
        STATUS_CERTIFICATE_CHAIN_INCOMPLETE = 0x810D0000,
        STATUS_CERTIFICATE_POLICY_CHECK_FAILED = 0x81140000,
};

/** status_code_name() - Return: the name of @code, a literal; NULL if it is none of the above */
const char *status_code_name(uint32_t code);

#define STATUS_CODES 18 /* how many there are */

/** status_code_index() - Return: below STATUS_CODES, one for each code; that of any other is Good's */
size_t status_code_index(uint32_t code);

/** status_code_at() - Return: the name of the code of that index, a literal */
const char *status_code_at(size_t index);

/** status_code_find() - Return: 0 and the code of @name, or -1: no such name. @out is written on success only */
int status_code_find(const char *name, uint32_t *out);

/*
 * Audit event types of OPC 10000-3 in namespace 0, by their NodeId's number.
 */

enum status_audit {
        STATUS_AUDIT_CERTIFICATE = 2080,
        STATUS_AUDIT_DATA_MISMATCH = 2082,
        STATUS_AUDIT_EXPIRED = 2085,
        STATUS_AUDIT_INVALID = 2086,
        STATUS_AUDIT_UNTRUSTED = 2087,
        STATUS_AUDIT_REVOKED = 2088,
        STATUS_AUDIT_MISMATCH = 2089,
        STATUS_AUDIT_TRUST_LIST_UPDATED = 12561,
};

/** status_audit_name() - Return: such as "AuditCertificateRevokedEventType", a literal */
const char *status_audit_name(enum status_audit type);

/** status_audit_find() - Return: the type of that name, or 0: no such name */
int status_audit_find(const char *name);

/*
 * Errors of the API. The numbers are those of the public enum uatrust_error, so none is ever given again.
 */

enum status_error {
        STATUS_OK = 0,

        STATUS_E_NO_SUCH_STORE = 1,
        STATUS_E_STORE_NOT_READY = 2,
        STATUS_E_STORE_IN_DOUBT = 3,
        STATUS_E_BUSY = 4,
        STATUS_E_QUOTA_EXCEEDED = 5,
        STATUS_E_TOO_LARGE = 6,
        STATUS_E_CONFLICT = 7,
        STATUS_E_BAD_REQUEST = 8,
        STATUS_E_NO_SUCH_CERTIFICATE = 9,
        STATUS_E_READ_ONLY = 10,

        /* org.varlink.service */
        STATUS_E_INTERFACE_NOT_FOUND = 20,
        STATUS_E_METHOD_NOT_FOUND = 21,
        STATUS_E_METHOD_NOT_IMPLEMENTED = 22,
        STATUS_E_INVALID_PARAMETER = 23,
        STATUS_E_PERMISSION_DENIED = 24,
        STATUS_E_EXPECTED_MORE = 25,

        /* born in the client library; they never cross a wire */
        STATUS_E_UNREACHABLE = 40, /* no agent at the socket */
        STATUS_E_TIMED_OUT = 41,
        STATUS_E_PROTOCOL = 42, /* the agent said what nobody can understand */
        STATUS_E_NO_MEMORY = 43,
        STATUS_E_INVALID_ARGUMENT = 44, /* the caller of the library gave what cannot be asked */
        STATUS_E_FILE = 45,   /* a file of the caller's cannot be read, or holds no certificate */
        STATUS_E_SYSTEM = 46, /* any other failure of the machine */
};

struct status_error_row {
        enum status_error error;
        const char *varlink; /* full name; NULL if it never crosses a wire */
        const char *dbus;    /* full name; NULL likewise */
        int exit_code;       /* of the command uatrust */
        const char *text;    /* what a person reads before the details */
};

/** status_error_get() - Return: the row of @error, which must be one of the enum but STATUS_OK; never NULL */
const struct status_error_row *status_error_get(enum status_error error);

/** status_error_find() - the error with this Varlink name; Return: STATUS_E_PROTOCOL if there is none */
enum status_error status_error_find(const char *varlink);
