/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mint - certificates and CRLs made to order.
 *
 * A spec that is all zero makes a good, self-signed OPC UA application certificate (RSA 2048, SHA-256, one URI, one
 * DNS name, keyUsage and extendedKeyUsage as OPC 10000-6 6.2.2 wants them), a spec with .ca a good CA, a spec with
 * .issuer one that this issuer signed. So a test states only what is different:
 *
 *      struct mint_cert root = { .ca = true, .subject = "CN=Root" };
 *      struct mint_cert late = { .issuer = &root, .key = "p256-late", .not_after_s = MINT_NOW_S - 1 };
 *      struct mint_der der = mint_cert(&late);
 *
 * Values of extensions are written as in openssl's x509v3_config(5): "critical,CA:TRUE,pathlen:0",
 * "URI:urn:a,DNS:b", "DER:0500", "ASN1:NULL"; MINT_NONE leaves the extension out, NULL takes the default.
 *
 * Keys have names: "rsa2048-1". RSA keys lie in harness/keys (sizes 768 1024 1536 2048 3072 4096 8192; see there for
 * the numbers); the others are derived from their name, any text after the dash: p224 p256 p384 p521 bp256 bp384 bp512
 * secp256k1 ed25519 ed448, as in "p384-some ca". Serial numbers are derived too. Thus all but ECDSA's and PSS's
 * signatures are the same on every run.
 *
 * A spec that cannot be minted stops the test with a message.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MINT_NONE "-"

/* No such time: a CRL without nextUpdate. */
#define MINT_ABSENT_S INT64_MIN

/* The moment at which the defaults are good: 2026-01-01T00:00:00Z. */
#define MINT_NOW_S INT64_C(1767225600)

/* Defaults: certificates hold a year before it and 20 after, CRLs a day before and 30 days after. */
#define MINT_DAY_S  INT64_C(86400)
#define MINT_YEAR_S (365 * MINT_DAY_S)

/* The URI and host name that an application has by default. */
#define MINT_URI  "urn:example.com:uatrust:application"
#define MINT_HOST "host.example.com"

/* Bytes of DER (or PEM); data is owned, mint_der_deinit() it. */
struct mint_der {
        uint8_t *data;
        size_t n;
};

struct mint_cert {
        /* "CN=a,O=b", the first RDN first; "\\," is a comma. NULL: "CN=Application,O=uatrust", of a CA "CN=CA". "": empty. */
        const char *subject;
        const char *key;                /* NULL: "rsa2048-1", of a CA "rsa2048-2" */
        const struct mint_cert *issuer; /* whose name, key and key id to use; NULL: self-signed */
        const char *issuer_name; /* in place of the issuer's subject, written as subject is */
        const char *signer;      /* sign with this key in place of the issuer's */
        bool ca;        /* defaults of a CA: cA TRUE, keyCertSign and cRLSign, no EKU, no SAN */
        bool printable; /* names as PrintableString, not UTF8String */
        bool generalized_time;             /* times as GeneralizedTime before 2050, too */
        bool pss;                          /* sign by RSASSA-PSS */
        int version;                       /* 0: 3; 1 has no extensions */
        int64_t not_before_s, not_after_s; /* seconds since 1970; 0: the default */
        const char *serial; /* hex, "-01" negative; NULL: derived, 16 octets, positive */
        const char
                *hash; /* "SHA1", "MD5", ...; NULL: SHA256, for keys of 384 bits and more SHA384 */
        const char *san; /* default, application only: "URI:" MINT_URI ",DNS:" MINT_HOST */
        const char *basic_constraints; /* default: critical, cA as .ca says */
        const char *key_usage;         /* default by .ca, by kind of key, and by self-signed */
        const char *eku;               /* default, RSA application only: "serverAuth,clientAuth" */
        const char *ski;               /* default: "hash" */
        const char *aki; /* default: "keyid" of the issuer's SKI, none if it has none */

        /* Further extensions: text of an openssl configuration, "name=value" lines, then the sections they name. */
        const char *extra;
        const char *twice; /* the name of an extension that is to stand in it a second time */

        /* A SubjectPublicKeyInfo in place of the key's own: keys that cannot be used. n 0: the key's. */
        struct mint_der spki;

        /* Changes the TBSCertificate before it is signed; may reallocate. */
        void (*edit)(struct mint_der *tbs);
};

struct mint_crl_entry {
        const char *serial;           /* hex; NULL: cert's */
        const struct mint_cert *cert; /* whose serial is meant; not looked at if serial is given */
        int64_t revoked_s;            /* 0: a day before MINT_NOW_S */
        int64_t invalidity_s;         /* 0: no invalidityDate */
        int reason; /* RFC 5280 5.3.1 (6 certificateHold, 8 removeFromCRL); 0: no extension */
        const char
                *issuer; /* certificateIssuer, critical; a name written as a subject; NULL: none */
        const char *extra; /* as in struct mint_cert */
};

struct mint_crl {
        const struct mint_cert *issuer; /* never NULL */
        const char *issuer_name;        /* as in struct mint_cert */
        const char *signer;
        int version;           /* 0: 2; 1 has no extensions */
        int64_t this_update_s; /* 0: a day before MINT_NOW_S */
        int64_t next_update_s; /* 0: 30 days after it; MINT_ABSENT_S: none */
        const char *number;    /* hex; NULL: "01"; MINT_NONE: none */
        const char *delta; /* hex, the base CRL's number: this is a delta CRL; NULL: a full one */
        const char *idp;   /* issuingDistributionPoint, "critical,onlyuser:TRUE"; NULL: none */
        const char *aki;
        const char *hash;
        const char *extra;
        const struct mint_crl_entry *entries;
        size_t n_entries;
        void (*edit)(struct mint_der *tbs);
};

/** mint_cert() - the certificate of @spec in DER */
struct mint_der mint_cert(const struct mint_cert *spec);

/** mint_crl() - the CRL of @spec in DER */
struct mint_der mint_crl(const struct mint_crl *spec);

/** mint_spki() - the SubjectPublicKeyInfo of the key named @key, in DER */
struct mint_der mint_spki(const char *key);

/** mint_private_key() - the private key named @key, PKCS#8 in PEM */
struct mint_der mint_private_key(const char *key);

/** mint_pem() - @der in PEM; @label: "CERTIFICATE", "X509 CRL" */
struct mint_der mint_pem(const struct mint_der *der, const char *label);

/** mint_join() - @a and @b one after the other, both taken */
struct mint_der mint_join(struct mint_der a, struct mint_der b);

/** mint_hex() - bytes written in hex, blanks and colons allowed: "30 03 02:01:05" */
struct mint_der mint_hex(const char *hex);

/** mint_replace() - put @to where @from is first found in @der; both hex, of one length; stops the test if not found */
void mint_replace(struct mint_der *der, const char *from, const char *to);

/** mint_sha256() - the SHA-256 of @der in lower case hex, as the wire contract writes it; borrowed from @out */
const char *mint_sha256(const struct mint_der *der, char out[65]);

/** mint_der_deinit() - free the bytes; leaves an empty one behind */
void mint_der_deinit(struct mint_der *der);
