/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Minter - harness/mint for tests that are scripts: `minter FOLDER <SPEC` writes each object of SPEC to FOLDER.
 *
 *      [cert plant]                    plant.der, members of struct mint_cert
 *      ca = yes
 *      subject = CN=Plant CA
 *      [cert pump]                     pump.der and pump.key, the private key in PEM
 *      issuer = plant                  a certificate that stands above
 *      not_after_s = 1767225600
 *      extra = 1.2.3.4=critical,DER:0500\n2.5.29.9=DER:3000
 *      [crl plant]                     plant.crl, members of struct mint_crl
 *      issuer = plant
 *      entry = pump 1                  a certificate or serial:HEX, and the reason
 *      filler = 100000                 so many entries of nobody's more
 */

#include "harness/mint.h"
#include "harness/must.h"
#include "harness/tree.h"

#include <stddef.h>

#define OBJECTS_MAX 256
#define ENTRIES_MAX 64

enum kind {
        TEXT,
        BOOL,
        INT,
        TIME,
        CERT
};

struct field {
        const char *name;
        enum kind kind;
        size_t offset;
};

#define CERT_FIELD(member, kind)                                                                   \
        {                                                                                          \
#member, kind, offsetof(struct mint_cert, member)                                  \
        }
#define CRL_FIELD(member, kind)                                                                    \
        {                                                                                          \
#member, kind, offsetof(struct mint_crl, member)                                   \
        }

static const struct field cert_fields[] = {
        CERT_FIELD(subject, TEXT),
        CERT_FIELD(key, TEXT),
        CERT_FIELD(issuer, CERT),
        CERT_FIELD(issuer_name, TEXT),
        CERT_FIELD(signer, TEXT),
        CERT_FIELD(ca, BOOL),
        CERT_FIELD(printable, BOOL),
        CERT_FIELD(generalized_time, BOOL),
        CERT_FIELD(pss, BOOL),
        CERT_FIELD(version, INT),
        CERT_FIELD(not_before_s, TIME),
        CERT_FIELD(not_after_s, TIME),
        CERT_FIELD(serial, TEXT),
        CERT_FIELD(hash, TEXT),
        CERT_FIELD(san, TEXT),
        CERT_FIELD(basic_constraints, TEXT),
        CERT_FIELD(key_usage, TEXT),
        CERT_FIELD(eku, TEXT),
        CERT_FIELD(ski, TEXT),
        CERT_FIELD(aki, TEXT),
        CERT_FIELD(extra, TEXT),
        CERT_FIELD(twice, TEXT),
        { 0 },
};

static const struct field crl_fields[] = {
        CRL_FIELD(issuer, CERT),
        CRL_FIELD(issuer_name, TEXT),
        CRL_FIELD(signer, TEXT),
        CRL_FIELD(version, INT),
        CRL_FIELD(this_update_s, TIME),
        CRL_FIELD(next_update_s, TIME),
        CRL_FIELD(number, TEXT),
        CRL_FIELD(delta, TEXT),
        CRL_FIELD(idp, TEXT),
        CRL_FIELD(aki, TEXT),
        CRL_FIELD(hash, TEXT),
        CRL_FIELD(extra, TEXT),
        { 0 },
};

struct object {
        char *name;
        bool is_crl;
        struct mint_cert cert;
        struct mint_crl crl;
        struct mint_crl_entry entries[ENTRIES_MAX];
        size_t n_filler;
};

/* The process ends when all is written: what it holds lives until then. */
struct spec {
        struct object *objects[OBJECTS_MAX];
        size_t n_objects;
};

static const struct mint_cert *find_cert(const struct spec *spec, const char *name)
{
        for (size_t i = 0; i < spec->n_objects; i++)
                if (!spec->objects[i]->is_crl && strcmp(spec->objects[i]->name, name) == 0)
                        return &spec->objects[i]->cert;

        must(false, "no certificate %s stands above", name);
        return NULL;
}

static long long read_number(const char *text)
{
        char *end;
        long long number = strtoll(text, &end, 10);

        must(*text && !*end, "not a number: %s", text);
        return number;
}

/* A copy in which \n is a new line. */
static char *copy_text(const char *text)
{
        char *copy = must_strdup(text);

        for (char *p = copy; (p = strstr(p, "\\n")); p++) {
                *p = '\n';
                memmove(p + 1, p + 2, strlen(p + 2) + 1);
        }

        return copy;
}

static void set_member(const struct spec *spec, const struct field *field, void *object,
                       const char *value)
{
        char *member = (char *)object + field->offset;

        switch (field->kind) {
        case TEXT:
                *(const char **)member = copy_text(value);
                return;
        case BOOL:
                must(strcmp(value, "yes") == 0 || strcmp(value, "no") == 0, "yes or no: %s", value);
                *(bool *)member = *value == 'y';
                return;
        case INT:
                *(int *)member = (int)read_number(value);
                return;
        case TIME:
                *(int64_t *)member =
                        strcmp(value, MINT_NONE) == 0 ? MINT_ABSENT_S : read_number(value);
                return;
        case CERT:
                *(const struct mint_cert **)member = find_cert(spec, value);
                return;
        }
}

/* "pump 1" or "serial:0a 1"; the reason may be missing. */
static void add_entry(const struct spec *spec, struct object *object, char *value)
{
        struct mint_crl_entry *entry = &object->entries[object->crl.n_entries++];
        char *reason = strchr(value, ' ');

        must(object->crl.n_entries <= ENTRIES_MAX, "too many entries");
        if (reason) {
                *reason++ = '\0';
                entry->reason = (int)read_number(reason);
        }

        if (strncmp(value, "serial:", 7) == 0)
                entry->serial = must_strdup(value + 7);
        else
                entry->cert = find_cert(spec, value);

        object->crl.entries = object->entries;
}

static void begin_object(struct spec *spec, char *line)
{
        struct object *object = must_calloc(1, sizeof(*object));
        char *kind = strtok(line, "[] "), *name = strtok(NULL, "[] ");

        must(kind && name && spec->n_objects < OBJECTS_MAX, "section");
        object->is_crl = strcmp(kind, "crl") == 0;
        must(object->is_crl || strcmp(kind, "cert") == 0, "cert or crl: %s", kind);
        object->name = must_strdup(name);
        spec->objects[spec->n_objects++] = object;
}

static void set_line(struct spec *spec, char *line)
{
        struct object *object = spec->n_objects ? spec->objects[spec->n_objects - 1] : NULL;
        char *value = strstr(line, " = ");
        const struct field *field;

        must(object && value, "line %s", line);
        *value = '\0';
        value += 3;
        if (object->is_crl && strcmp(line, "entry") == 0) {
                add_entry(spec, object, value);
                return;
        }
        if (object->is_crl && strcmp(line, "filler") == 0) {
                object->n_filler = (size_t)read_number(value);
                return;
        }

        for (field = object->is_crl ? crl_fields : cert_fields; field->name; field++)
                if (strcmp(field->name, line) == 0)
                        break;

        must(field->name, "no member %s", line);
        set_member(spec, field, object->is_crl ? (void *)&object->crl : (void *)&object->cert,
                   value);
}

static void read_spec(struct spec *spec)
{
        char *line = NULL;
        size_t n_room = 0;
        ssize_t n;

        while ((n = getline(&line, &n_room, stdin)) > 0) {
                line[strcspn(line, "\n")] = '\0';
                if (*line == '[')
                        begin_object(spec, line);
                else if (*line)
                        set_line(spec, line);
        }

        free(line);
}

static void write_to(const struct tree *tree, const char *name, const char *suffix,
                     struct mint_der der)
{
        char *file;

        must(asprintf(&file, "%s.%s", name, suffix) > 0, "asprintf");
        tree_write(tree, file, der.data, der.n);
        mint_der_deinit(&der);
        free(file);
}

static void fill(struct mint_crl *crl, size_t n_filler)
{
        struct mint_crl_entry *entries = must_calloc(crl->n_entries + n_filler, sizeof(*entries));

        for (size_t i = 0; i < crl->n_entries; i++)
                entries[i] = crl->entries[i];
        for (size_t i = 0; i < n_filler; i++) {
                char *serial;

                must(asprintf(&serial, "40%030zx", i) > 0, "asprintf");
                entries[crl->n_entries + i].serial = serial;
        }
        crl->entries = entries;
        crl->n_entries += n_filler;
}

static void write_object(const struct tree *tree, struct object *object)
{
        const struct mint_cert *cert = &object->cert;
        const char *usual = cert->ca ? "rsa2048-2" : "rsa2048-1";

        if (object->is_crl) {
                if (object->n_filler > 0)
                        fill(&object->crl, object->n_filler);
                write_to(tree, object->name, "crl", mint_crl(&object->crl));
                return;
        }

        write_to(tree, object->name, "der", mint_cert(cert));
        write_to(tree, object->name, "key", mint_private_key(cert->key ? cert->key : usual));
}

int main(int argc, char **argv)
{
        static struct spec spec;
        struct tree tree = { 0 };

        must(argc == 2 && strlen(argv[1]) < sizeof(tree.path), "minter FOLDER <SPEC");
        memcpy(tree.path, argv[1], strlen(argv[1]) + 1);
        read_spec(&spec);
        for (size_t i = 0; i < spec.n_objects; i++)
                write_object(&tree, spec.objects[i]);

        return 0;
}
