/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/cast.h"
#include "conformance/row.h"
#include "proto/compiler.h"

#define STEP7 "OPC 10000-4 6.1.3 step 7"
#define TEXT  "Reading: dNSName in ASCII without case, one trailing dot dropped, nothing else"
#define BYTES "Reading: an address is compared with iPAddress by value and with dNSName as text"
#define DC    "Reading: DC only if subjectAltName has neither dNSName nor iPAddress"

#define URI "URI:" MINT_URI

/* A server of the plant with some names, asked by some name. */
#define NAMED(names, name)                                                                         \
        PLANT, .presented = { CERT(.issuer = &CA, .san = URI "," names) },                         \
               .purpose = PURPOSE_SERVER, .host = (name)

/* Subject and names of a server, likewise. */
#define SUBJECT(text, names, name)                                                                 \
        PLANT, .presented = { CERT(.issuer = &CA, .subject = (text), .san = URI names) },          \
               .purpose = PURPOSE_SERVER, .host = (name)

#define IS_FOREIGN .findings = { FAIL_SAYS(HOST_NAME_INVALID, HOST_NAME, 0, "host") }

static const struct row ROWS[] = {
        { .id = "the very name",
          .clause = STEP7,
          NAMED("DNS:plc.plant.example", "plc.plant.example") },
        {
                .id = "an EC server's very name",
                .clause = STEP7,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .purpose = PURPOSE_SERVER,
                .host = MINT_HOST,
        },
        {
                .id = "another name",
                .clause = STEP7,
                NAMED("DNS:plc.plant.example", "hmi.plant.example"),
                IS_FOREIGN,
        },
        {
                .id = "another name of an EC server",
                .clause = STEP7,
                EC_PLANT,
                .presented = { &EC_LEAF },
                .purpose = PURPOSE_SERVER,
                .host = "another.example",
                IS_FOREIGN,
        },
        {
                .id = "another name of a self-signed server",
                .clause = STEP7,
                .trusted = { &SELF },
                .presented = { &SELF },
                .purpose = PURPOSE_SERVER,
                .host = "another.example",
                IS_FOREIGN,
        },
        {
                .id = "another name, suppressed by the store",
                .clause = STEP7,
                NAMED("DNS:plc.plant.example", "hmi.plant.example"),
                .settings = "Suppress=BadCertificateHostNameInvalid",
                .findings = { LET(HOST_NAME_INVALID, HOST_NAME, 0) },
        },
        {
                .id = "another name, suppressed by the request",
                .clause = STEP7,
                NAMED("DNS:plc.plant.example", "hmi.plant.example"),
                .suppress = "BadCertificateHostNameInvalid",
                .findings = { LET(HOST_NAME_INVALID, HOST_NAME, 0) },
        },
        {
                .id = "one of several names",
                .clause = STEP7,
                NAMED("DNS:a.example,DNS:b.example,IP:10.0.0.1,DNS:c.example", "c.example"),
        },
        {
                .id = "no name asked for is a note",
                .clause = "Reading: no hostName given: skipped and noted",
                PLANT,
                .presented = { &LEAF },
                .purpose = PURPOSE_SERVER,
                .findings = { NOTE(HOST_NAME, 0, "") },
                .not_checked = "hostName uri policy",
        },
        {
                .id = "everything asked for",
                .clause = "Reading: notChecked",
                PLANT,
                .presented = { &LEAF },
                .purpose = PURPOSE_SERVER,
                .host = MINT_HOST,
                .uri = MINT_URI,
                .policy = "Basic256Sha256",
                .not_checked = "",
        },
        {
                .id = "a client's host name is not asked for",
                .clause = "OPC 10000-4 Table 106: skipped for server side validation",
                PLANT,
                .presented = { &LEAF },
                .not_checked = "uri policy",
        },
        {
                .id = "a CA's host name is not asked for",
                .clause = "OPC 10000-4 Table 106: skipped for CA certificates",
                PLANT,
                .presented = { &LEAF, &CA },
                .purpose = PURPOSE_SERVER,
                .host = MINT_HOST,
        },

        /* --- texts --- */
        { .id = "case of the name",
          .clause = TEXT,
          NAMED("DNS:PLC.Plant.example", "plc.plant.EXAMPLE") },
        { .id = "a dot behind the name asked for",
          .clause = TEXT,
          NAMED("DNS:plc.example", "plc.example.") },
        { .id = "a dot behind the name that is there",
          .clause = TEXT,
          NAMED("DNS:plc.example.", "plc.example") },
        {
                .id = "two dots behind the name",
                .clause = TEXT,
                NAMED("DNS:plc.example", "plc.example.."),
                IS_FOREIGN,
        },
        {
                .id = "a short name for a long one",
                .clause = TEXT,
                NAMED("DNS:plc.plant.example", "plc"),
                IS_FOREIGN,
        },
        {
                .id = "a long name for a short one",
                .clause = TEXT,
                NAMED("DNS:plc", "plc.plant.example"),
                IS_FOREIGN,
        },
        { .id = "a short name for itself", .clause = TEXT, NAMED("DNS:plc", "plc") },
        { .id = "a name with an underscore", .clause = TEXT, NAMED("DNS:plc_1", "plc_1") },
        {
                .id = "localhost for the host's own name",
                .clause = TEXT,
                NAMED("DNS:plc.plant.example", "localhost"),
                IS_FOREIGN,
        },
        {
                .id = "localhost for 127.0.0.1",
                .clause = TEXT,
                NAMED("IP:127.0.0.1", "localhost"),
                IS_FOREIGN,
        },
        {
                .id = "127.0.0.1 for localhost",
                .clause = TEXT,
                NAMED("DNS:localhost", "127.0.0.1"),
                IS_FOREIGN,
        },
        {
                .id = "a wildcard",
                .clause = TEXT,
                NAMED("DNS:*.plant.example", "plc.plant.example"),
                IS_FOREIGN,
        },
        { .id = "a wildcard for itself",
          .clause = TEXT,
          NAMED("DNS:*.plant.example", "*.plant.example") },
        {
                .id = "the CN",
                .clause = TEXT,
                SUBJECT("CN=plc.plant.example", "", "plc.plant.example"),
                IS_FOREIGN,
        },
        {
                .id = "a name that begins with the one that is there",
                .clause = TEXT,
                NAMED("DNS:plc.example", "plc.example.evil.example"),
                IS_FOREIGN,
        },
        {
                .id = "a name with a NUL inside",
                .clause = "CVE-2009-2408",
                /* subjectAltName: DNS "a.example\0.evil", URI */
                PLANT,
                .presented = { CERT(
                                .issuer = &CA, .san = MINT_NONE,
                                .extra = "subjectAltName=DER:3016820f612e6578616d706c65002e6576696c"
                                         "8603753a61") },
                .purpose = PURPOSE_SERVER,
                .host = "a.example",
                .findings = { FAIL(HOST_NAME_INVALID, HOST_NAME, 0) },
        },
        {
                .id = "the host of the URI",
                .clause = TEXT,
                PLANT,
                .presented = { CERT(.issuer = &CA, .san = "URI:opc.tcp://plc.example/,DNS:x") },
                .purpose = PURPOSE_SERVER,
                .host = "plc.example",
                IS_FOREIGN,
        },
        {
                .id = "an empty name for an empty one",
                .clause = TEXT,
                /* subjectAltName: DNS "", URI */
                PLANT,
                .presented = { CERT(.issuer = &CA, .san = MINT_NONE,
                                    .extra = "subjectAltName=DER:300782008603753a61") },
                .purpose = PURPOSE_SERVER,
                .host = "",
                IS_FOREIGN,
        },
        {
                .id = "a dot for an empty name",
                .clause = TEXT,
                PLANT,
                .presented = { CERT(.issuer = &CA, .san = MINT_NONE,
                                    .extra = "subjectAltName=DER:300782008603753a61") },
                .purpose = PURPOSE_SERVER,
                .host = ".",
                IS_FOREIGN,
        },
        {
                .id = "no name at all",
                .clause = STEP7,
                SUBJECT("CN=Application", "", "plc.example"),
                IS_FOREIGN,
        },

        /* --- addresses --- */
        { .id = "an IPv4 address", .clause = BYTES, NAMED("IP:192.0.2.7", "192.0.2.7") },
        { .id = "another IPv4 address",
          .clause = BYTES,
          NAMED("IP:192.0.2.7", "192.0.2.8"),
          IS_FOREIGN },
        { .id = "an IPv6 address", .clause = BYTES, NAMED("IP:2001:db8::7", "2001:db8::7") },
        {
                .id = "an IPv6 address written in another way",
                .clause = BYTES,
                NAMED("IP:2001:db8::7", "2001:0DB8:0:0:0:0:0:7"),
        },
        { .id = "an address as dNSName", .clause = BYTES, NAMED("DNS:192.0.2.7", "192.0.2.7") },
        {
                .id = "another address as dNSName",
                .clause = BYTES,
                NAMED("DNS:192.0.2.7", "192.0.2.70"),
                IS_FOREIGN,
        },
        {
                .id = "a name for the address that it may have",
                .clause = TEXT,
                NAMED("IP:192.0.2.7", "plc.example"),
                IS_FOREIGN,
        },
        {
                .id = "an IPv4 address within an IPv6 one",
                .clause = BYTES,
                NAMED("IP:192.0.2.7", "::ffff:192.0.2.7"),
                IS_FOREIGN,
        },

        /* --- domain components --- */
        {
                .id = "the DCs, the last label first",
                .clause = DC,
                SUBJECT("DC=example,DC=plant,DC=plc,CN=Application", "", "plc.plant.example"),
        },
        {
                .id = "the DCs, the first label first",
                .clause = DC,
                SUBJECT("CN=Application,DC=plc,DC=plant,DC=example", "", "plc.plant.example"),
        },
        {
                .id = "one DC that is the whole host name",
                .clause = DC,
                SUBJECT("CN=Application,DC=plc", "", "plc"),
        },
        {
                .id = "a part of the DCs",
                .clause = DC,
                SUBJECT("DC=example,DC=plant,DC=plc", "", "plc.plant"),
                IS_FOREIGN,
        },
        {
                .id = "the DCs below a CA whose names are constrained",
                .clause = "Reading: a constraint on dNSNames does not reach the DCs",
                .trusted = { CERT(.ca = true, .subject = "CN=Plant CA", .key = "rsa2048-3",
                                  .issuer = &ROOT,
                                  .extra = "nameConstraints=critical,permitted;DNS:office") },
                .issuers = { &ROOT },
                .crls = { &ROOT_CRL, &CA_CRL },
                .presented = { CERT(.issuer = &CA, .subject = "DC=plc", .san = URI) },
                .purpose = PURPOSE_SERVER,
                .host = "plc",
                IS_FOREIGN,
        },
        {
                .id = "the DCs beside a dNSName",
                .clause = DC,
                SUBJECT("DC=plc", ",DNS:hmi", "plc"),
                IS_FOREIGN,
        },
        {
                .id = "the DCs beside an iPAddress",
                .clause = DC,
                SUBJECT("DC=plc", ",IP:192.0.2.7", "plc"),
                IS_FOREIGN,
        },
};

int main(void)
{
        return row_run("host", ROWS, ARRAY_SIZE(ROWS));
}
