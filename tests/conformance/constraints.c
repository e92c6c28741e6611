/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define LENGTH   "RFC 5280 4.2.1.9, 6.1.4 (l) (m)"
#define NAMES    "RFC 5280 4.2.1.10, 6.1.3 (b) (c)"
#define POLICIES "RFC 5280 6.1, with {anyPolicy} and the three flags false"
#define FORMS    "Reading: a constraint on a name form that we do not compare, met by such a name"

#define IS_INVALID_AT(place) .findings = { FAIL(INVALID, STRUCTURE, place) }
#define IS_INVALID           IS_INVALID_AT(0)

/* An issuing CA below the root that is different in some way, and what it issued. */
#define CA_LIKE(...)                                                                               \
        CERT(.ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3", .issuer = &ROOT, __VA_ARGS__)
#define ROOT_LIKE(...) CERT(.ca = true, .subject = "CN=Root", .key = "rsa2048-2", __VA_ARGS__)

/* The issuing CA's constraints, in openssl's words, and the leaf's names. */
#define CONSTRAINED(text, ...)                                                                     \
        .trusted = { CA_LIKE(.extra = "nameConstraints=critical," text) }, .issuers = { &ROOT },   \
        .crls = { &ROOT_CRL, &CA_CRL }, .presented = { CERT(.issuer = &CA, __VA_ARGS__) }

/* Three CAs: the root, one in the middle, the issuing one. */
static const struct mint_cert
        MIDDLE = { .ca = true, .subject = "CN=Middle", .key = "rsa2048-5", .issuer = &ROOT },
        LOW = { .ca = true, .subject = "CN=Low", .key = "rsa2048-6", .issuer = &MIDDLE },
        LOW_LEAF = { .issuer = &LOW },
        /* the middle one's new key, certified by its old one: self-issued */
        MIDDLE_NEW = { .ca = true, .subject = "CN=Middle", .key = "rsa2048-4", .issuer = &MIDDLE },
        LOW_NEW = { .ca = true, .subject = "CN=Low", .key = "rsa2048-6", .issuer = &MIDDLE_NEW },
        LOW_NEW_LEAF = { .issuer = &LOW_NEW },
        EC_LOW = { .ca = true, .subject = "CN=EC Low", .key = "p256-low", .issuer = &EC_CA };
static const struct mint_crl MIDDLE_CRL = { .issuer = &MIDDLE }, LOW_CRL = { .issuer = &LOW },
                             MIDDLE_NEW_CRL = { .issuer = &MIDDLE_NEW },
                             EC_LOW_CRL = { .issuer = &EC_LOW };

#define MIDDLE_LIKE(...)                                                                           \
        CERT(.ca = true, .subject = "CN=Middle", .key = "rsa2048-5", .issuer = &ROOT, __VA_ARGS__)
#define THREE_WITH(root, middle)                                                                   \
        .trusted = { root }, .issuers = { middle, &LOW },                                          \
        .crls = { &ROOT_CRL, &MIDDLE_CRL, &LOW_CRL }, .presented = { &LOW_LEAF }

/* Extensions about policies, as openssl writes them. */
#define EXPLICIT(n) "policyConstraints=critical,requireExplicitPolicy:" n "\n"
#define NO_MAPPING  "policyConstraints=critical,requireExplicitPolicy:0,inhibitPolicyMapping:0\n"
#define POLICY(oid) "certificatePolicies=" oid "\n"
#define ANY         "2.5.29.32.0"

#define MAPPED "policyMappings=critical,1.2.3:1.2.4\n"

/* The policies of the CA in the middle, of the issuing one, and of the leaf. */
#define UNDER_POLICIES(middle_text, low_text, leaf_text)                                           \
        .trusted = { &ROOT }, .crls = { &ROOT_CRL, &MIDDLE_CRL, &LOW_CRL },                        \
        .issuers = { MIDDLE_LIKE(.extra = middle_text),                                            \
                     CERT(.ca = true, .subject = "CN=Low", .key = "rsa2048-6", .issuer = &MIDDLE,  \
                          .extra = low_text) },                                                    \
        .presented = { CERT(.issuer = &LOW, .extra = leaf_text) }

static const struct row LENGTH_ROWS[] = {
        { .id = "no limit", .clause = LENGTH, THREE_WITH(&ROOT, &MIDDLE) },
        { .id = "a root for two CAs",
          .clause = LENGTH,
          THREE_WITH(ROOT_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:2"), &MIDDLE) },
        { .id = "a root for one CA, and two are there",
          .clause = LENGTH,
          THREE_WITH(ROOT_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:1"), &MIDDLE),
          IS_INVALID_AT(3) },
        { .id = "a CA for another one",
          .clause = LENGTH,
          THREE_WITH(&ROOT, MIDDLE_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:1")) },
        { .id = "a CA for no other",
          .clause = LENGTH,
          THREE_WITH(&ROOT, MIDDLE_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:0")),
          IS_INVALID_AT(2) },
        { .id = "a CA for no other, suppressed in vain",
          .clause = LENGTH,
          THREE_WITH(&ROOT, MIDDLE_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:0")),
          .settings = "Suppress=BadCertificateIssuerUseNotAllowed",
          IS_INVALID_AT(2) },
        { .id = "an issuing CA for no other",
          .clause = LENGTH,
          .trusted = { CA_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:0") },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { &LEAF } },
        { .id = "a self-issued CA is not counted",
          .clause = LENGTH,
          .trusted = { &ROOT },
          .issuers = { MIDDLE_LIKE(.basic_constraints = "critical,CA:TRUE,pathlen:1"), &MIDDLE_NEW,
                       &LOW_NEW },
          .crls = { &ROOT_CRL, &MIDDLE_CRL, &MIDDLE_NEW_CRL, &LOW_CRL },
          .presented = { &LOW_NEW_LEAF } },
        { .id = "an EC CA for no other",
          .clause = LENGTH,
          .trusted = { &EC_ROOT },
          .issuers = { CERT(.ca = true, .subject = "CN=EC CA", .key = "p256-ca", .issuer = &EC_ROOT,
                            .basic_constraints = "critical,CA:TRUE,pathlen:0"),
                       &EC_LOW },
          .crls = { &EC_ROOT_CRL, &EC_CA_CRL, &EC_LOW_CRL },
          .presented = { CERT(.key = "p256-leaf", .issuer = &EC_LOW) },
          IS_INVALID_AT(2) },
};

static const struct row NAME_ROWS[] = {
        { .id = "a permitted dNSName",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example", .san = "URI:urn:a,DNS:plc.plant.example") },
        { .id = "the permitted domain itself",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example", .san = "URI:urn:a,DNS:plant.example") },
        { .id = "a dNSName that is not permitted",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example", .san = "URI:urn:a,DNS:plc.example"),
          IS_INVALID },
        { .id = "a dNSName that ends like the permitted one",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example", .san = "URI:urn:a,DNS:evilplant.example"),
          IS_INVALID },
        { .id = "one of two dNSNames is not permitted",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example",
                      .san = "URI:urn:a,DNS:a.plant.example,DNS:b.example"),
          IS_INVALID },
        { .id = "a name that is not permitted, suppressed in vain",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example", .san = "URI:urn:a,DNS:plc.example"),
          .settings = "Suppress=BadCertificateHostNameInvalid BadCertificateUseNotAllowed",
          IS_INVALID },
        { .id = "an excluded dNSName",
          .clause = NAMES,
          CONSTRAINED("excluded;DNS:office.example", .san = "URI:urn:a,DNS:pc.office.example"),
          IS_INVALID },
        { .id = "a dNSName that is not excluded",
          .clause = NAMES,
          CONSTRAINED("excluded;DNS:office.example", .san = "URI:urn:a,DNS:pc.plant.example") },
        { .id = "permitted and excluded at once",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:example,excluded;DNS:office.example",
                      .san = "URI:urn:a,DNS:pc.office.example"),
          IS_INVALID },
        { .id = "case of a dNSName",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:PLANT.example", .san = "URI:urn:a,DNS:plc.Plant.Example") },
        { .id = "names of forms that are not constrained",
          .clause = NAMES,
          CONSTRAINED("permitted;DNS:plant.example", .san = "URI:urn:a,IP:192.0.2.7") },
        { .id = "the CN is never constrained as a host",
          .clause = "Reading: the CN",
          CONSTRAINED("permitted;DNS:plant.example", .subject = "CN=pc.office.example",
                      .san = "URI:urn:a") },
        { .id = "the CN is never constrained as a host, with a name that is permitted",
          .clause = "Reading: the CN",
          CONSTRAINED("permitted;DNS:plant.example", .subject = "CN=pc.office.example",
                      .san = "URI:urn:a,DNS:plc.plant.example") },
        { .id = "a permitted address",
          .clause = NAMES,
          CONSTRAINED("permitted;IP:192.0.2.0/255.255.255.0", .san = "URI:urn:a,IP:192.0.2.7") },
        { .id = "an address that is not permitted",
          .clause = NAMES,
          CONSTRAINED("permitted;IP:192.0.2.0/255.255.255.0", .san = "URI:urn:a,IP:198.51.100.7"),
          IS_INVALID },
        { .id = "a permitted subject",
          .clause = NAMES,
          CONSTRAINED("permitted;dirName:d\n[d]\nO=Plant", .subject = "O=Plant,CN=PLC") },
        { .id = "a subject that is not permitted",
          .clause = NAMES,
          CONSTRAINED("permitted;dirName:d\n[d]\nO=Plant", .subject = "O=Office,CN=PLC"),
          IS_INVALID },
        { .id = "an excluded subject",
          .clause = NAMES,
          CONSTRAINED("excluded;dirName:d\n[d]\nO=Office", .subject = "O=Office,CN=PC"),
          IS_INVALID },
        { .id = "a URI whose host is permitted",
          .clause = NAMES,
          CONSTRAINED("permitted;URI:.plant.example", .san = "URI:opc.tcp://plc.plant.example/x") },
        { .id = "a URI whose host is not permitted",
          .clause = NAMES,
          CONSTRAINED("permitted;URI:.plant.example", .san = "URI:opc.tcp://pc.office.example/x"),
          IS_INVALID },
        { .id = "a URI without a host under a constraint on URIs",
          .clause = "RFC 5280 4.2.1.10: MUST reject if the URI has no authority",
          CONSTRAINED("permitted;URI:.plant.example", .san = "URI:urn:plc:app"),
          IS_INVALID },
        { .id = "an otherName under a constraint on otherNames",
          .clause = FORMS,
          CONSTRAINED("excluded;otherName:1.2.3.4;UTF8:x",
                      .san = "URI:urn:a,otherName:1.2.3.4;UTF8:y"),
          IS_INVALID },
        { .id = "a constraint on otherNames that meets none",
          .clause = FORMS,
          CONSTRAINED("excluded;otherName:1.2.3.4;UTF8:x", .san = "URI:urn:a") },
        { .id = "a URI that names a permitted host in its path",
          .clause = NAMES,
          CONSTRAINED("permitted;URI:.plant.example",
                      .san = "URI:http://office.example/.plant.example:80"),
          IS_INVALID },
        { .id = "a URI that names a permitted host as its user",
          .clause = NAMES,
          CONSTRAINED("permitted;URI:.plant.example",
                      .san = "URI:http://plc.plant.example:x@office.example/"),
          IS_INVALID },
        { .id = "a URI of an excluded host without a path",
          .clause = NAMES,
          CONSTRAINED("excluded;URI:office.example", .san = "URI:http://office.example?a"),
          IS_INVALID },
        { .id = "an excluded dNSName with a dot behind it",
          .clause = NAMES,
          CONSTRAINED("excluded;DNS:office.example", .san = "URI:urn:a,DNS:pc.office.example."),
          IS_INVALID },
        { .id = "a wildcard that stands for an excluded dNSName",
          .clause = NAMES,
          CONSTRAINED("excluded;DNS:office.example", .san = "URI:urn:a,DNS:*.example"),
          IS_INVALID },
        { .id = "a constraint on registered ids",
          .clause = "RFC 5280 4.2.1.10: not defined for this form",
          CONSTRAINED("permitted;RID:1.2.3.4", .san = "URI:urn:a"),
          IS_INVALID_AT(1) },
        { .id = "a self-issued leaf is not exempt",
          .clause = "RFC 5280 6.1.3 (b): self-issued and not the final certificate",
          CONSTRAINED("permitted;DNS:plant.example", .subject = "CN=Plant CA",
                      .san = "URI:urn:a,DNS:plc.example"),
          IS_INVALID },
        { .id = "a constraint of the root",
          .clause = "RFC 5280 6.1; Reading: the anchor's own hold, too",
          .trusted = { ROOT_LIKE(.extra = "nameConstraints=critical,permitted;DNS:plant.example") },
          .issuers = { &CA },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { CERT(.issuer = &CA, .san = "URI:urn:a,DNS:pc.office.example") },
          IS_INVALID },
        { .id = "a constraint that the issuing CA itself breaks",
          .clause = NAMES,
          .trusted = { ROOT_LIKE(.extra = "nameConstraints=critical,permitted;dirName:d\n"
                                          "[d]\nO=Plant") },
          .issuers = { &CA },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { CERT(.issuer = &CA, .subject = "O=Plant,CN=PLC") },
          IS_INVALID_AT(1) },
        { .id = "constraints of two CAs hold both",
          .clause = NAMES,
          .trusted = { ROOT_LIKE(.extra = "nameConstraints=critical,permitted;DNS:a.example") },
          .issuers = { CA_LIKE(.extra = "nameConstraints=critical,permitted;DNS:b.example") },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { CERT(.issuer = &CA, .san = "URI:urn:a,DNS:x.b.example") },
          IS_INVALID },
        { .id = "constraints that are not critical hold, too",
          .clause = NAMES,
          .trusted = { CA_LIKE(.extra = "nameConstraints=permitted;DNS:plant.example") },
          .issuers = { &ROOT },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { CERT(.issuer = &CA, .san = "URI:urn:a,DNS:plc.example") },
          IS_INVALID },
};

static const struct row POLICY_ROWS[] = {
        { .id = "policies that nobody requires",
          .clause = POLICIES,
          UNDER_POLICIES(NULL, POLICY("1.2.3"), POLICY("1.2.4")) },
        { .id = "no policies, and none required",
          .clause = POLICIES,
          UNDER_POLICIES(NULL, NULL, NULL) },
        { .id = "a policy that is required, and there",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3"), POLICY("1.2.3"), POLICY("1.2.3")) },
        { .id = "a policy that is required, and missing in the leaf",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3"), POLICY("1.2.3"), NULL),
          IS_INVALID },
        { .id = "a policy that is required, and missing in the issuing CA",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3"), NULL, POLICY("1.2.3")),
          IS_INVALID },
        { .id = "a policy that is required, and another in the leaf",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3"), POLICY("1.2.3"), POLICY("1.2.4")),
          IS_INVALID },
        { .id = "a policy that is required, and any in the CAs",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY(ANY), POLICY(ANY), POLICY("1.2.3")) },
        { .id = "a policy that is required further down than the chain goes",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("5"), NULL, NULL) },
        { .id = "a policy that is required after the next certificate",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("1"), NULL, NULL),
          IS_INVALID },
        { .id = "a policy that the issuing CA requires",
          .clause = POLICIES,
          UNDER_POLICIES(POLICY("1.2.3"), EXPLICIT("0") POLICY("1.2.3"), NULL),
          IS_INVALID },
        { .id = "a policy that is required and mapped",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3"), POLICY("1.2.3") MAPPED, POLICY("1.2.4")) },
        { .id = "a policy that is required and mapped where that is inhibited",
          .clause = POLICIES,
          UNDER_POLICIES(NO_MAPPING POLICY("1.2.3"), POLICY("1.2.3") MAPPED, POLICY("1.2.4")),
          IS_INVALID },
        { .id = "any policy where that is inhibited",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3") "inhibitAnyPolicy=critical,0\n", POLICY(ANY),
                         POLICY("1.2.3")),
          IS_INVALID },
        { .id = "a policy that is required, suppressed in vain",
          .clause = POLICIES,
          UNDER_POLICIES(EXPLICIT("0") POLICY("1.2.3"), POLICY("1.2.3"), NULL),
          .settings = "Suppress=BadCertificatePolicyCheckFailed",
          IS_INVALID },
        { .id = "a policy that the root requires",
          .clause = "Reading: the anchor's own hold, too",
          .trusted = { ROOT_LIKE(.extra = EXPLICIT("0")) },
          .issuers = { &CA },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { &LEAF },
          IS_INVALID },
        { .id = "a policy that the root requires of longer chains only",
          .clause = "RFC 5280 6.1.5 (a): the leaf counts",
          .trusted = { ROOT_LIKE(.extra = EXPLICIT("3")) },
          .issuers = { &CA },
          .crls = { &ROOT_CRL, &CA_CRL },
          .presented = { &LEAF } },
};

int main(void)
{
        return row_run("path length", LENGTH_ROWS, ARRAY_SIZE(LENGTH_ROWS)) +
               row_run("name constraints", NAME_ROWS, ARRAY_SIZE(NAME_ROWS)) +
               row_run("policies", POLICY_ROWS, ARRAY_SIZE(POLICY_ROWS));
}
