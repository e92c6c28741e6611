/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Worst - stores and questions made to cost as much as they can: `bench-worst FOLDER`, a scene (bench/scene.h) each.
 * All questions are within the limits of a request, or one past them. The same on every run but for ECDSA's signatures.
 */

#include "bench/fake_key.h"
#include "bench/scene.h"
#include "harness/must.h"

#define PRESENTED     10          /* certificates that a request may hold */
#define ELEMENT_BYTES (64 * 1024) /* and how long each may be */
#define NAME_BYTES    64

static const struct mint_cert root = { .ca = true, .subject = "CN=Worst Root", .key = "p256-root" };

static void store_root(struct scene *scene)
{
        struct mint_crl crl = { .issuer = &root, .next_update_s = MINT_NOW_S + 10 * MINT_YEAR_S };

        scene_store(scene, "trusted/certs/root.der", mint_cert(&root));
        scene_store(scene, "trusted/crl/root.crl", mint_crl(&crl));
}

/* Text made of @n times @part, which holds one %zu, with commas between. free() it */
static char *repeat(const char *part, size_t n)
{
        struct buf buf = BUF_NULL;
        char *text;

        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_add_byte(&buf, ',');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                buf_printf(&buf, part, i);
#pragma GCC diagnostic pop
        }

        must(buf_take_text(&buf, &text) == 0, "a long text");
        return text;
}

/* -- graphs ------------------------------------------------------------------------------------- */

struct ca {
        char subject[NAME_BYTES], key[NAME_BYTES];
};

static struct ca *make_cas(size_t n, const char *key_kind)
{
        struct ca *cas = must_calloc(n, sizeof(*cas));

        for (size_t i = 0; i < n; i++) {
                snprintf(cas[i].subject, NAME_BYTES, "CN=Worst CA %zu", i);
                snprintf(cas[i].key, NAME_BYTES, "%s-worst%zu", key_kind, i);
        }

        return cas;
}

static struct mint_cert ca_spec(const struct ca *ca, const struct mint_cert *issuer)
{
        return (struct mint_cert){
                .ca = true, .subject = ca->subject, .key = ca->key, .issuer = issuer
        };
}

static struct mint_der leaf_of(const struct ca *ca)
{
        struct mint_cert issuer = ca_spec(ca, NULL);
        struct mint_cert leaf = { .issuer = &issuer, .subject = "CN=Leaf", .key = "p256-leaf" };

        return mint_cert(&leaf);
}

static struct mint_der cross(const struct ca *subject, const struct ca *issuer)
{
        struct mint_cert above = ca_spec(issuer, NULL), spec = ca_spec(subject, &above);

        return mint_cert(&spec);
}

/* Every CA certified by every other, none by itself: all paths are to be tried, and none ends. */
static void graph(struct scene *scene, size_t n, const char *key_kind)
{
        struct ca *cas = make_cas(n, key_kind);

        for (size_t i = 0; i < n; i++) {
                struct mint_der all = { 0 };
                char file[NAME_BYTES];

                for (size_t j = 0; j < n; j++)
                        if (i != j)
                                all = mint_join(all, cross(&cas[i], &cas[j]));

                snprintf(file, sizeof(file), "issuers/certs/ca-%zu.der", i);
                scene_store(scene, file, all);
        }
        scene_present(scene, leaf_of(&cas[0]));
        free(cas);
}

static void graph_p256(struct scene *scene, size_t n)
{
        graph(scene, n, "p256");
}

static void graph_p384(struct scene *scene, size_t n)
{
        graph(scene, n, "p384");
}

/* A ring of @n CAs, presented. */
static void loop_presented(struct scene *scene, size_t n)
{
        struct ca *cas = make_cas(n, "p256");

        scene_present(scene, leaf_of(&cas[0]));
        for (size_t i = 0; i < n; i++)
                scene_present(scene, cross(&cas[i], &cas[(i + 1) % n]));

        free(cas);
}

/* Ring in the store, of which nothing is verified before the question comes. */
static void loop_stored(struct scene *scene, size_t n)
{
        struct ca *cas = make_cas(n, "p256");
        char file[NAME_BYTES];

        for (size_t i = 0; i < n; i++) {
                snprintf(file, sizeof(file), "issuers/certs/ca-%zu.der", i);
                scene_store(scene, file, cross(&cas[i], &cas[(i + 1) % n]));
        }
        scene_present(scene, leaf_of(&cas[0]));
        free(cas);
}

/* The complete graph of three, presented, in the order that is the worst for who looks at the last first. */
static void graph_presented(struct scene *scene, size_t n)
{
        struct ca *cas = make_cas(n, "p384");

        scene_present(scene, leaf_of(&cas[0]));
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                        if (i != j)
                                scene_present(scene, cross(&cas[i], &cas[j]));

        free(cas);
}

/* -- keys --------------------------------------------------------------------------------------- */

/* Bears the name and key id of the leaf's CA, and a key of its own. */
static struct mint_der impostor(size_t i, struct mint_der spki, const char *key)
{
        struct mint_cert spec = { .ca = true,
                                  .subject = "CN=Worst CA 0",
                                  .key = key,
                                  .spki = spki,
                                  .issuer = &root,
                                  .ski = "00112233445566778899aabbccddeeff00112233" };
        char serial[17];

        snprintf(serial, sizeof(serial), "40%06x", (unsigned int)i);
        spec.serial = serial;
        return mint_cert(&spec);
}

static struct mint_der leaf_of_impostors(const char *signer)
{
        struct mint_cert ca = { .ca = true,
                                .subject = "CN=Worst CA 0",
                                .key = signer,
                                .ski = "00112233445566778899aabbccddeeff00112233" };
        struct mint_cert leaf = { .issuer = &ca, .subject = "CN=Leaf", .key = "p256-leaf" };

        return mint_cert(&leaf);
}

static void impostors_rsa(struct scene *scene, size_t n, size_t bits)
{
        char name[NAME_BYTES];

        store_root(scene);
        scene_present(scene, leaf_of_impostors(bits == 8192 ? "rsa8192-1" : "rsa2048-2"));
        for (size_t i = 0; i < n; i++) {
                struct mint_der spki, der;

                snprintf(name, sizeof(name), "impostor-%zu", i);
                spki = fake_key_rsa(name, bits / 8, 3);
                der = impostor(i, spki, NULL);
                mint_der_deinit(&spki);
                if (n < PRESENTED) {
                        scene_present(scene, der);
                        continue;
                }

                snprintf(name, sizeof(name), "issuers/certs/%zu.der", i);
                scene_store(scene, name, der);
        }
}

static void impostors_rsa2048(struct scene *scene, size_t n)
{
        impostors_rsa(scene, n, 2048);
}

static void impostors_rsa8192(struct scene *scene, size_t n)
{
        impostors_rsa(scene, n, 8192);
}

static void impostors_ec(struct scene *scene, size_t n, const char *kind)
{
        char name[NAME_BYTES];

        store_root(scene);
        snprintf(name, sizeof(name), "%s-real", kind);
        scene_present(scene, leaf_of_impostors(name));
        for (size_t i = 0; i < n; i++) {
                struct mint_der der;

                snprintf(name, sizeof(name), "%s-%zu", kind, i);
                der = impostor(i, (struct mint_der){ 0 }, name);
                if (n < PRESENTED) {
                        scene_present(scene, der);
                        continue;
                }

                snprintf(name, sizeof(name), "issuers/certs/%zu.der", i);
                scene_store(scene, name, der);
        }
}

static void impostors_p521(struct scene *scene, size_t n)
{
        impostors_ec(scene, n, "p521");
}

static void impostors_bp512(struct scene *scene, size_t n)
{
        impostors_ec(scene, n, "bp512");
}

static void impostors_ed448(struct scene *scene, size_t n)
{
        impostors_ec(scene, n, "ed448");
}

/* RSA keys of 3072 bits whose exponent has as many: 200 times an ordinary one each, if they were used. */
static void exponents(struct scene *scene, size_t n)
{
        char name[NAME_BYTES];

        store_root(scene);
        scene_present(scene, leaf_of_impostors("rsa3072-1"));
        for (size_t i = 0; i < 2 * n; i++) {
                struct mint_der spki, der;

                snprintf(name, sizeof(name), "exponent-%zu", i);
                spki = fake_key_rsa(name, 384, 384);
                der = impostor(i, spki, NULL);
                mint_der_deinit(&spki);
                if (i < n) {
                        scene_present(scene, der);
                        continue;
                }

                snprintf(name, sizeof(name), "issuers/certs/%zu.der", i);
                scene_store(scene, name, der);
        }
}

/* -- names -------------------------------------------------------------------------------------- */

/* So many names in the leaf, as short as can be: "a". Over 64 KiB it cannot be asked about. */
static void names_of_leaf(struct scene *scene, size_t n)
{
        char *san = repeat("DNS:%zx", n);
        struct mint_cert leaf = { .issuer = &root, .subject = "CN=Leaf", .key = "p256-leaf" };

        store_root(scene);
        leaf.san = san;
        scene_present(scene, mint_cert(&leaf));
        free(san);
}

/* So many names in a CA that lies in the store, where files may be large. */
static void names_of_ca(struct scene *scene, size_t n)
{
        char *san = repeat("DNS:%zx", n);
        struct mint_cert ca = { .ca = true, .subject = "CN=CA", .key = "p256-ca", .issuer = &root };
        struct mint_cert leaf = { .issuer = &ca, .subject = "CN=Leaf", .key = "p256-leaf" };

        store_root(scene);
        ca.san = san;
        scene_store(scene, "issuers/certs/ca.der", mint_cert(&ca));
        scene_present(scene, mint_cert(&leaf));
        free(san);
}

/* So many constraints in a CA of the store, to be compared with 999 names of the leaf. */
static void constraints(struct scene *scene, size_t n)
{
        char *san = repeat("DNS:host%zu.example.com", 999);
        struct buf extra = BUF_NULL;
        struct mint_cert ca = { .ca = true, .subject = "CN=CA", .key = "p256-ca", .issuer = &root };
        struct mint_cert leaf = { .issuer = &ca, .subject = "CN=Leaf", .key = "p256-leaf" };
        char *text;

        buf_add_text(&extra, "nameConstraints=critical,@names\n[names]\n");
        for (size_t i = 0; i < n; i++)
                buf_printf(&extra, "excluded;DNS.%zu=net%zu.example.com\n", i, i);

        must(buf_take_text(&extra, &text) == 0, "constraints");
        ca.extra = text;
        leaf.san = san;
        store_root(scene);
        scene_store(scene, "issuers/certs/ca.der", mint_cert(&ca));
        scene_present(scene, mint_cert(&leaf));
        free(text);
        free(san);
}

/* A name of so many parts, borne by 50 CAs of the store, that each have to be compared with the leaf's issuer. */
static void long_names(struct scene *scene, size_t n)
{
        char *subject = repeat("OU=Part  %zu", n), file[NAME_BYTES], key[NAME_BYTES];
        struct mint_cert leaf = { .subject = "CN=Leaf", .key = "p256-leaf" };

        for (size_t i = 0; i < 50; i++) {
                struct mint_cert ca = { .ca = true, .subject = subject, .key = key };

                snprintf(key, sizeof(key), "p256-long%zu", i);
                snprintf(file, sizeof(file), "issuers/certs/%zu.der", i);
                ca.printable = i % 2;
                leaf.issuer = &ca;
                if (i == 49)
                        scene_present(scene, mint_cert(&leaf));
                else
                        scene_store(scene, file, mint_cert(&ca));
        }
        free(subject);
}

/* -- policies ----------------------------------------------------------------------------------- */

/* Chain of @n CAs that each map every of 30 policies to every other (CVE-2023-0464). */
static void policies(struct scene *scene, size_t n)
{
        struct buf extra = BUF_NULL;
        struct mint_cert cas[PRESENTED] = { 0 };
        struct mint_cert leaf = { .subject = "CN=Leaf", .key = "p256-leaf" };
        char *text, names[PRESENTED][NAME_BYTES], keys[PRESENTED][NAME_BYTES];

        buf_add_text(&extra, "policyConstraints=requireExplicitPolicy:0\ncertificatePolicies=");
        for (size_t i = 0; i < 30; i++)
                buf_printf(&extra, "%s1.3.6.1.4.1.99.%zu", i ? "," : "", i);

        buf_add_text(&extra, "\npolicyMappings=");
        for (size_t i = 0; i < 900; i++)
                buf_printf(&extra, "%s1.3.6.1.4.1.99.%zu:1.3.6.1.4.1.99.%zu", i ? "," : "", i / 30,
                           i % 30);

        must(buf_take_text(&extra, &text) == 0, "policies");
        store_root(scene);
        for (size_t i = 0; i < n; i++) {
                snprintf(names[i], NAME_BYTES, "CN=Policy CA %zu", i);
                snprintf(keys[i], NAME_BYTES, "p256-policy%zu", i);
                cas[i] = (struct mint_cert){ .ca = true,
                                             .subject = names[i],
                                             .key = keys[i],
                                             .extra = text,
                                             .issuer = i ? &cas[i - 1] : &root };
        }
        leaf.issuer = &cas[n - 1];
        leaf.extra = "certificatePolicies=1.3.6.1.4.1.99.1";
        scene_present(scene, mint_cert(&leaf));
        for (size_t i = n; i > 0; i--)
                scene_present(scene, mint_cert(&cas[i - 1]));

        free(text);
}

/* -- revocation --------------------------------------------------------------------------------- */

/* CRLs that bear the name of a presented CA; none is of its key. */
static void foreign_crls(struct scene *scene, size_t n)
{
        struct mint_cert ca = {
                .ca = true, .subject = "CN=CA", .key = "bp512-ca", .issuer = &root
        };
        struct mint_cert leaf = { .issuer = &ca, .subject = "CN=Leaf", .key = "p256-leaf" };
        char file[NAME_BYTES], number[17];

        store_root(scene);
        for (size_t i = 0; i < n; i++) {
                struct mint_crl crl = { .issuer = &ca,
                                        .signer = "bp512-other",
                                        .number = number,
                                        .next_update_s = MINT_NOW_S + 10 * MINT_YEAR_S };

                snprintf(number, sizeof(number), "40%06x", (unsigned int)i);
                snprintf(file, sizeof(file), "issuers/crl/%zu.crl", i);
                scene_store(scene, file, mint_crl(&crl));
        }
        scene_present(scene, mint_cert(&leaf));
        scene_present(scene, mint_cert(&ca));
}

/* So many distribution points in the leaf, and as many names in a CRL's scope; none fits. */
static void points(struct scene *scene, size_t n)
{
        struct mint_cert leaf = { .issuer = &root, .subject = "CN=Leaf", .key = "p256-leaf" };
        char *leaf_points = repeat("URI:http://a/%zu", n), *crl_points, *text;
        struct mint_crl crl = { .issuer = &root, .next_update_s = MINT_NOW_S + MINT_YEAR_S };
        struct buf extra = BUF_NULL;

        buf_printf(&extra, "crlDistributionPoints=%s", leaf_points);
        must(buf_take_text(&extra, &text) == 0, "distribution points");
        leaf.extra = text;
        store_root(scene);
        crl_points = repeat("fullname:URI:http://b/%zu", 1);
        crl.idp = crl_points;
        scene_store(scene, "trusted/crl/part.crl", mint_crl(&crl));
        scene_present(scene, mint_cert(&leaf));
        free(text);
        free(leaf_points);
        free(crl_points);
}

/* -- frames ------------------------------------------------------------------------------------- */

static struct mint_der fill(const char *head, const char *part, const char *tail, size_t n_bytes)
{
        struct buf buf = BUF_NULL;
        struct mint_der der;

        buf_add_text(&buf, head);
        while (buf.n + strlen(part) + strlen(tail) + 1 <= n_bytes)
                buf_add_text(&buf, part);

        buf_add_text(&buf, tail);
        buf_add_byte(&buf, '\0');
        must(!buf_error(&buf), "a frame");
        der = (struct mint_der){ .data = buf.data, .n = buf.n };
        return der;
}

#define CALL "{\"method\":\"org.uatrust.agent1.Validate\",\"parameters\":{"

/* The longest frame, of so short parts as there can be. */
static void frame_of_keys(struct scene *scene, size_t n)
{
        scene_end_with(scene, fill(CALL, "\"a\":0,", "\"b\":0}}", n));
}

static void frame_of_numbers(struct scene *scene, size_t n)
{
        scene_end_with(scene, fill(CALL "\"certificates\":[", "0,", "0]}}", n));
}

static void frame_of_strings(struct scene *scene, size_t n)
{
        scene_end_with(scene, fill(CALL "\"certificates\":[", "\"\",", "\"\"]}}", n));
}

static void frame_of_escapes(struct scene *scene, size_t n)
{
        scene_end_with(scene, fill(CALL "\"certificates\":[\"", "\\u0041", "\"]}}", n));
}

static void frame_of_depth(struct scene *scene, size_t n)
{
        scene_end_with(scene, fill(CALL "\"certificates\":", "[", "", n));
}

/* The longest presented certificates: nothing in them but one extension that means nothing. */
static void long_certs(struct scene *scene, size_t n)
{
        char *hex = must_calloc(1, 2 * n + 64);
        struct mint_cert leaf = { .issuer = &root, .subject = "CN=Leaf", .key = "p256-leaf" };
        char serial[17];

        strcpy(hex, "1.2.3.4=DER:");
        memset(hex + strlen(hex), '0', 2 * n);
        leaf.extra = hex;
        store_root(scene);
        for (size_t i = 0; i < 4; i++) {
                snprintf(serial, sizeof(serial), "40%06x", (unsigned int)i);
                leaf.serial = serial;
                scene_present(scene, mint_cert(&leaf));
        }
        free(hex);
}

static const struct worst {
        const char *name;
        void (*make)(struct scene *scene, size_t n);
        size_t n;
        bool is_frame; /* it has ended the scene itself */
} list[] = {
        { "loop of 2, presented", loop_presented, 2, false },
        { "loop of 9, presented", loop_presented, 9, false },
        { "loop of 9, stored", loop_stored, 9, false },
        { "graph of 3 with P-384, presented", graph_presented, 3, false },
        { "graph of 4, stored", graph_p256, 4, false },
        { "graph of 8, stored", graph_p256, 8, false },
        { "graph of 16, stored", graph_p256, 16, false },
        { "graph of 32, stored", graph_p256, 32, false },
        { "graph of 64, stored", graph_p256, 64, false },
        { "graph of 32 with P-384, stored", graph_p384, 32, false },
        { "1000 impostors with RSA-2048, stored", impostors_rsa2048, 1000, false },
        { "100 impostors with RSA-8192, stored", impostors_rsa8192, 100, false },
        { "100 impostors with P-521, stored", impostors_p521, 100, false },
        { "100 impostors with brainpoolP512r1, stored", impostors_bp512, 100, false },
        { "300 impostors with Ed448, stored", impostors_ed448, 300, false },
        { "9 impostors with RSA-8192, presented", impostors_rsa8192, 9, false },
        { "9 impostors with brainpoolP512r1, presented", impostors_bp512, 9, false },
        { "exponents of 3072 bits, presented and stored", exponents, 9, false },
        { "900 names in the leaf", names_of_leaf, 900, false },
        { "9000 names in the leaf", names_of_leaf, 9000, false },
        { "60000 names in the leaf", names_of_leaf, 60000, false },
        { "60000 names in a CA, stored", names_of_ca, 60000, false },
        { "250 name constraints against 999 names", constraints, 250, false },
        { "5000 name constraints against 999 names", constraints, 5000, false },
        { "names of 1000 parts", long_names, 1000, false },
        { "9 CAs that map 30 policies", policies, 9, false },
        { "1000 foreign CRLs of a presented CA", foreign_crls, 1000, false },
        { "2500 distribution points", points, 2500, false },
        { "certificates of 64 KiB", long_certs, ELEMENT_BYTES - 600, false },
        { "frame of keys", frame_of_keys, 512 * 1024, true },
        { "frame of numbers", frame_of_numbers, 512 * 1024, true },
        { "frame of strings", frame_of_strings, 512 * 1024, true },
        { "frame of escapes", frame_of_escapes, 512 * 1024, true },
        { "frame of brackets", frame_of_depth, 512 * 1024, true },
};

int main(int argc, char **argv)
{
        must(argc == 2, "usage: bench-worst FOLDER");
        for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
                struct scene scene;

                scene_begin(&scene, argv[1], list[i].name);
                list[i].make(&scene, list[i].n);
                if (!list[i].is_frame)
                        scene_end(&scene);
        }
        return 0;
}
