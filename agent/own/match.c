/* SPDX-License-Identifier: Apache-2.0 */
#include "own/match.h"

#include "own/pending.h"
#include "store/layout.h"

#include <string.h>

static const char *const CERT_ENDINGS[] = { ".der", ".crt", ".cer", ".pem", NULL };
static const char *const KEY_ENDINGS[] = { ".pem", ".key", ".pfx", ".p12", NULL };

/* Return: length of @name without an ending of the list; 0: it has none of these. */
static size_t root_length(const char *name, const char *const *endings)
{
        size_t n = strlen(name);

        for (; *endings; endings++) {
                size_t n_ending = strlen(*endings);

                if (n > n_ending && !strcasecmp(name + n - n_ending, *endings))
                        return n - n_ending;
        }
        return 0;
}

bool match_is_cert(const char *name)
{
        return !layout_is_temporary(name) && root_length(name, CERT_ENDINGS);
}

bool match_is_key(const char *name)
{
        return !layout_is_temporary(name) && !pending_is_name(name) &&
               root_length(name, KEY_ENDINGS);
}

static const char *find(char *const *names, size_t n, const char *root, size_t n_root,
                        const char *ending)
{
        for (size_t i = 0; i < n; i++)
                if (strlen(names[i]) == n_root + strlen(ending) &&
                    !strncmp(names[i], root, n_root) && !strcasecmp(names[i] + n_root, ending))
                        return names[i];
        return NULL;
}

static const char *find_cert(const struct match_names *names, const char *root, size_t n_root)
{
        const char *found = NULL;

        for (const char *const *ending = CERT_ENDINGS; !found && *ending; ending++)
                found = find(names->certs, names->n_certs, root, n_root, *ending);
        return found;
}

static const char *find_key(const struct match_names *names, const char *root, size_t n_root)
{
        const char *found = NULL;

        for (const char *const *ending = KEY_ENDINGS; !found && *ending; ending++)
                found = find(names->keys, names->n_keys, root, n_root, *ending);
        return found;
}

static void set(struct match *out, const char *cert, const char *key)
{
        out->cert = cert;
        out->key = key;
        out->n_root = 0;
        if (cert)
                out->n_root = root_length(cert, CERT_ENDINGS);
        else if (key)
                out->n_root = root_length(key, KEY_ENDINGS);
}

/* Return: how many pairs there are; the last of them in @out. */
static size_t find_pairs(const struct match_names *names, struct match *out)
{
        size_t n_pairs = 0;

        for (size_t i = 0; i < names->n_certs; i++) {
                const char *cert = names->certs[i];
                size_t n_root = root_length(cert, CERT_ENDINGS);
                const char *key = find_key(names, cert, n_root);

                if (!key || find_cert(names, cert, n_root) != cert)
                        continue;
                set(out, cert, key);
                n_pairs++;
        }
        return n_pairs;
}

int match_choose(const struct match_names *names, const char *root, struct match *out)
{
        size_t n_pairs;

        if (root) {
                set(out, find_cert(names, root, strlen(root)), find_key(names, root, strlen(root)));
                return 0;
        }

        n_pairs = find_pairs(names, out);
        if (n_pairs == 1)
                return 0;
        if (n_pairs || names->n_certs > 1 || names->n_keys > 1)
                return MATCH_E_UNCLEAR;

        set(out, names->n_certs ? names->certs[0] : NULL, names->n_keys ? names->keys[0] : NULL);
        return 0;
}
