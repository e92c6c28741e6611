/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/fault.h"

#define ERROR(id, word, sentence) [id] = { id, true, word, sentence }
#define NOTE(id, word, sentence)  [id] = { id, false, word, sentence }

static const struct fault rows[] = {
        ERROR(FAULT_ALGORITHM_MISMATCH, "algorithm-mismatch",
              "the signature algorithm inside differs from the one outside"),
        ERROR(FAULT_ALGORITHM_PARAMETERS, "algorithm-parameters",
              "an algorithm has parameters that it cannot have"),
        ERROR(FAULT_SIGNATURE_BITS, "signature-bits",
              "the signature is not a whole number of octets"),
        ERROR(FAULT_BAD_TIME, "bad-time",
              "a time is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ"),
        ERROR(FAULT_EMPTY_SUBJECT, "empty-subject", "the subject is empty"),
        ERROR(FAULT_EMPTY_ISSUER, "empty-issuer", "the issuer is empty"),
        ERROR(FAULT_FIELD_VERSION, "field-version",
              "it has fields or extensions that its version does not have"),
        ERROR(FAULT_EXTENSION_TWICE, "extension-twice", "an extension stands in it twice"),
        ERROR(FAULT_EXTENSION_UNKNOWN_CRITICAL, "unknown-critical-extension",
              "it has a critical extension that is not processed here"),
        ERROR(FAULT_EXTENSION_CONTENT, "extension-content",
              "an extension's content is not what its kind prescribes"),
        ERROR(FAULT_BASIC_CONSTRAINTS_CONTENT, "basic-constraints-content",
              "basicConstraints cannot be read"),
        ERROR(FAULT_KEY_USAGE_CONTENT, "key-usage-content",
              "keyUsage cannot be read, or names no usage"),
        ERROR(FAULT_EXTENDED_KEY_USAGE_CONTENT, "extended-key-usage-content",
              "extendedKeyUsage cannot be read, or names no purpose"),
        ERROR(FAULT_SUBJECT_ALT_NAME_CONTENT, "subject-alt-name-content",
              "subjectAltName cannot be read, or has no name"),
        ERROR(FAULT_KEY_ID_CONTENT, "key-id-content", "a key identifier cannot be read"),
        ERROR(FAULT_CRL_POINTS_CONTENT, "crl-points-content",
              "cRLDistributionPoints cannot be read"),
        ERROR(FAULT_NAME_CONSTRAINTS_CONTENT, "name-constraints-content",
              "nameConstraints cannot be read, or have a form of name that they cannot have"),
        ERROR(FAULT_POLICIES_CONTENT, "policies-content",
              "an extension about policies cannot be read, or has too many of them"),
        ERROR(FAULT_NAMES_TOO_MANY, "too-many-names", "subjectAltName has more than 1,000 names"),
        ERROR(FAULT_KEY_UNREADABLE, "key-unreadable", "the public key cannot be read"),
        ERROR(FAULT_KEY_RSA_MODULUS, "rsa-modulus",
              "the modulus of the RSA key is not a positive odd number"),
        ERROR(FAULT_KEY_RSA_EXPONENT, "rsa-exponent",
              "the exponent of the RSA key is not an odd number of 3 to 2^32"),
        ERROR(FAULT_KEY_RSA_TOO_LONG, "rsa-too-long", "the RSA key is longer than 8,192 bits"),
        ERROR(FAULT_KEY_CURVE_EXPLICIT, "explicit-curve",
              "the elliptic curve of the key is not given by name"),
        ERROR(FAULT_KEY_POINT, "point-not-on-curve", "the public key is no point on its curve"),

        NOTE(FAULT_SERIAL_ZERO, "serial-zero", "the serial number is 0"),
        NOTE(FAULT_SERIAL_NEGATIVE, "serial-negative", "the serial number is negative"),
        NOTE(FAULT_SERIAL_LONG, "serial-long", "the serial number is longer than 20 octets"),
        NOTE(FAULT_TIME_FORM, "time-form", "a time before 2050 is written as GeneralizedTime"),
        NOTE(FAULT_VALIDITY_REVERSED, "validity-reversed", "it ends before it begins"),
        NOTE(FAULT_DEFAULT_WRITTEN, "default-written",
             "a default value is written out, which DER forbids"),
        NOTE(FAULT_UNIQUE_ID, "unique-id", "it has a unique identifier"),
        NOTE(FAULT_NAME_TEXT, "name-text",
             "a name has a string type, or a character of it, that is not to be used"),
        NOTE(FAULT_NAME_LONG, "name-long", "an attribute of a name is longer than it may be"),
        NOTE(FAULT_ALGORITHM_NULL, "algorithm-null",
             "an algorithm lacks the NULL that it should have as parameters"),
        NOTE(FAULT_CRITICALITY, "criticality",
             "an extension that should be critical is not, or one that should not be is"),
        NOTE(FAULT_PATH_LENGTH_NO_CA, "path-length-no-ca",
             "it limits the path length without being a CA that signs certificates"),
        NOTE(FAULT_CERT_SIGN_NO_CA, "cert-sign-no-ca",
             "keyUsage has keyCertSign although it is no CA"),
        NOTE(FAULT_KEY_USAGE_FORM, "key-usage-form",
             "keyUsage has trailing zero bits, which DER forbids"),
        NOTE(FAULT_CONSTRAINTS_NO_CA, "constraints-no-ca",
             "it has constraints for CAs although it is no CA"),
        NOTE(FAULT_SUBJECT_KEY_ID_MISSING, "no-subject-key-id", "it has no subject key identifier"),
        NOTE(FAULT_AUTHORITY_KEY_ID_MISSING, "no-authority-key-id",
             "it has no authority key identifier"),
        NOTE(FAULT_AUTHORITY_KEY_ID_INDIRECT, "authority-key-id-by-serial",
             "the authority key identifier names issuer and serial number"),
        NOTE(FAULT_URI_ODD, "uri-odd", "a URI is relative, or has blanks or other odd characters"),
        NOTE(FAULT_DNS_NAME_ODD, "dns-name-odd", "a dNSName is empty or no host name"),
        NOTE(FAULT_EMAIL_ODD, "email-odd", "an rfc822Name is no e-mail address"),
        NOTE(FAULT_CRL_NUMBER_MISSING, "no-crl-number", "the CRL has no number"),
        NOTE(FAULT_CRL_VERSION, "crl-version", "the CRL is of version 1"),
};

const struct fault *faults_next(const struct faults *faults, size_t *at)
{
        uint64_t left = *at < FAULT_N ? faults->bits >> *at : 0;

        if (!left)
                return NULL;

        *at += (size_t)__builtin_ctzll(left);
        return &rows[(*at)++];
}
