/* SPDX-License-Identifier: Apache-2.0 */
#include "own/pair.h"

#include "own/complain.h"
#include "own/pem.h"
#include "own/place.h"
#include "own/private_key.h"
#include "own/swap.h"
#include "own/verb.h"
#include "pki/cert.h"
#include "pki/decode.h"
#include "proto/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int out_of_memory(void)
{
        return complain(VERB_EXIT_SYSTEM, "out of memory");
}

void pair_deinit(struct pair *pair)
{
        pair->cert = cert_unref(pair->cert);
        for (size_t i = 0; i < pair->chain.n; i++)
                cert_unref(pair->chain.items[i]);
        VEC_FREE(&pair->chain);
        secret_deinit(&pair->key);
}

/* -- reading ------------------------------------------------------------------------------------- */

static int read_fd(int fd, struct secret *out, unsigned int *out_mode)
{
        struct stat file;

        if (fstat(fd, &file))
                return -errno;
        if (!S_ISREG(file.st_mode))
                return -EINVAL;
        *out_mode = file.st_mode & 07777;
        return secret_read_all(fd, out);
}

static int read_file(int dir_fd, const char *dir, const char *name, struct secret *out,
                     unsigned int *out_mode)
{
        CLEANUP(freep) char *path = NULL;
        int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        int r = fd < 0 ? -errno : read_fd(fd, out, out_mode);

        if (fd >= 0)
                close(fd);
        if (!r)
                return 0;
        if (asprintf(&path, "%s/%s", dir, name) < 0)
                return out_of_memory();
        return complain_file(path, -r);
}

int pair_read_file(const struct place *place, const char *name, struct secret *out)
{
        unsigned int mode;

        return read_file(place->keys_fd, place->keys, name, out, &mode);
}

static int take_certs(struct pair *pair, const struct decode_list *list)
{
        for (size_t i = 0; i < list->items.n; i++) {
                const struct decode_item *item = &list->items.items[i];

                if (item->kind != DECODE_CERT)
                        continue;
                if (!pair->cert) {
                        pair->cert = cert_ref(item->cert);
                } else if (VEC_PUSH(&pair->chain, item->cert) == 0) {
                        cert_ref(item->cert);
                } else {
                        return -ENOMEM;
                }
        }
        return 0;
}

static int read_cert(const struct place *place, struct pair *pair)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        CLEANUP(secret_deinit) struct secret content = SECRET_NULL;
        int r = read_file(place->certs_fd, place->certs, place->cert_name, &content,
                          &pair->cert_mode);

        if (r)
                return r;

        pair->cert_is_pem = content.n && content.data[0] != 0x30;
        if (decode_file(secret_bytes(&content), &list) || take_certs(pair, &list))
                return out_of_memory();
        if (!pair->cert)
                return complain(VERB_EXIT_DATA, "%s/%s: holds no certificate", place->certs,
                                place->cert_name);
        return 0;
}

int pair_read(const struct place *place, struct pair *out)
{
        struct pair pair = PAIR_NULL;
        int r = place->has_cert ? read_cert(place, &pair) : 0;

        if (!r && place->has_key) {
                r = read_file(place->keys_fd, place->keys, place->key_name, &pair.key,
                              &pair.key_mode);
                pair.key_is_pfx = !r && private_key_is_pfx(secret_bytes(&pair.key));
                pair.key_is_encrypted = !r && private_key_is_encrypted(secret_bytes(&pair.key));
        }
        if (r)
                pair_deinit(&pair);
        else
                *out = pair;
        return r;
}

int pair_decode_key(const char *path, const struct secret *content, struct secret *passphrase,
                    EVP_PKEY **out)
{
        CLEANUP(freep) char *question = NULL;
        int r = 0;

        if (!passphrase->data && private_key_is_encrypted(secret_bytes(content))) {
                if (asprintf(&question, "passphrase of %s", path) < 0)
                        return out_of_memory();
                r = secret_ask(question, false, passphrase);
        }
        if (r)
                return r;

        r = private_key_read(secret_bytes(content), passphrase, out);
        switch (r) {
        case 0:
                return 0;
        case PRIVATE_KEY_E_PASSPHRASE:
                return complain(VERB_EXIT_DATA, "%s: the passphrase is not that of this key", path);
        case PRIVATE_KEY_E_UNREADABLE:
                return complain(VERB_EXIT_DATA, "%s: holds no private key that can be read", path);
        default:
                return out_of_memory();
        }
}

/* -- writing ------------------------------------------------------------------------------------- */

static void add_cert(struct buf *out, struct bytes der, bool is_pem)
{
        if (is_pem)
                pem_add(out, "CERTIFICATE", der);
        else
                buf_add(out, der.data, der.n);
}

static void encode_certs(const struct pair_new *new_pair, bool is_pem, struct buf *out)
{
        add_cert(out, new_pair->cert, is_pem);
        for (size_t i = 0; new_pair->wants_chain && i < new_pair->n_ca; i++)
                add_cert(out, new_pair->ca[i], is_pem);
}

static bool ends_as_pfx(const char *name)
{
        const char *ending = strrchr(name, '.');

        return ending && (!strcasecmp(ending, ".pfx") || !strcasecmp(ending, ".p12"));
}

static int encode_key(const struct place *place, const struct pair_new *new_pair,
                      struct secret *out)
{
        struct private_key_bag bag = { new_pair->key, place->name, new_pair->cert, new_pair->ca,
                                       new_pair->n_ca };
        char reason[128];
        int r = ends_as_pfx(place->key_name)
                        ? private_key_write_pfx(&bag, new_pair->passphrase, out)
                        : private_key_write_pem(new_pair->key, new_pair->passphrase, out);

        if (!r)
                return 0;
        return r < 0 ? out_of_memory()
                     : complain(VERB_EXIT_SYSTEM, "%s/%s: OpenSSL cannot write it: %s", place->keys,
                                place->key_name, private_key_error(reason, sizeof(reason)));
}

static int complain_write(const struct place *place, const char *failed, int error)
{
        CLEANUP(freep) char *path = NULL;
        const char *dir = failed == place->cert_name ? place->certs : place->keys;

        if (asprintf(&path, "%s/%s", dir, failed) < 0)
                return out_of_memory();
        return complain_file(path, error);
}

int pair_write(const struct place *place, const struct pair *old, const struct pair_new *new_pair)
{
        CLEANUP(secret_deinit) struct secret key = SECRET_NULL;
        CLEANUP(buf_deinit) struct buf certs = BUF_NULL;
        bool keeps_file = new_pair->keeps_key && place->has_key && !ends_as_pfx(place->key_name);
        const char *failed = place->key_name;
        int r = keeps_file ? 0 : encode_key(place, new_pair, &key);
        struct swap_file cert_file = { .dir_fd = place->certs_fd, .name = place->cert_name };
        struct swap_file key_file = { .dir_fd = place->keys_fd, .name = place->key_name };

        if (r)
                return r;
        if (!keeps_file && old->key_mode & 077)
                complain_warn("%s/%s: had mode %04o, and is its owner's alone now", place->keys,
                              place->key_name, old->key_mode);

        encode_certs(new_pair, old->cert_is_pem, &certs);
        if (buf_error(&certs))
                return out_of_memory();

        cert_file.content = (struct bytes){ certs.data, certs.n };
        key_file.content = secret_bytes(&key);
        r = keeps_file ? swap_cert(&cert_file, &failed) : swap_pair(&key_file, &cert_file, &failed);
        return r ? complain_write(place, failed, -r) : 0;
}
