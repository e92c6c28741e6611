/* SPDX-License-Identifier: Apache-2.0 */
#include "own/collect.h"

#include "own/bundle.h"
#include "own/complain.h"
#include "own/folder.h"
#include "own/parcel.h"
#include "own/verb.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/decode.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "store/content.h"
#include "store/layout.h"
#include "store/read.h"
#include "store/update_request.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERB "uatrust import"

enum {
        LAYOUT = 256,
        GROUP,
        LIST,
};

static const struct option ROWS[] = {
        { "layout", required_argument, NULL, LAYOUT },
        { "group", required_argument, NULL, GROUP },
        { "list", required_argument, NULL, LIST },
        { NULL, 0, NULL, 0 },
};

struct collection {
        const char *layout_name;
        enum layout_group group;
        const struct layout *layout;
        enum role role; /* of what lies in files */
};

static void leave_out(const char *name, const char *reason)
{
        parcel_write(stdout, "leftOut", name, NULL,
                     (struct bytes){ (const uint8_t *)reason, strlen(reason) });
}

/* One object that a file holds. */
struct gift {
        bool is_crl;
        const uint8_t *sha256;
        struct bytes der;
};

static void give(enum role role, const char *name, const struct gift *gift)
{
        bool is_crl = gift->is_crl;
        enum update_list list = role == ROLE_TRUSTED
                                        ? (is_crl ? UPDATE_TRUSTED_CRLS : UPDATE_TRUSTED_CERTS)
                                        : (is_crl ? UPDATE_ISSUER_CRLS : UPDATE_ISSUER_CERTS);

        parcel_write(stdout, update_list_name(list), name, gift->sha256, gift->der);
}

/* --- folders --- */

static const char *file_of(const struct entry *entry)
{
        const char *slash = strchr(entry->origin, '/');

        return slash ? slash + 1 : entry->origin;
}

/* One object in each of the two lists that it lies in, once. */
static void give_each(const struct entry *const *entries, size_t n, const struct gift *gift)
{
        unsigned int done = 0;

        for (size_t i = 0; i < n; i++) {
                enum role role = entries[i]->role;

                if ((role != ROLE_TRUSTED && role != ROLE_ISSUERS) || done & 1u << role)
                        continue;
                done |= 1u << role;
                give(role, file_of(entries[i]), gift);
        }
}

static int give_crl(const struct folder *folder, const struct snapshot_crl *crl)
{
        CLEANUP(freep) uint8_t *der = NULL;
        const char *name = file_of(crl->entries[0]);
        size_t n_der;
        int r;

        if (crl->state == SNAPSHOT_CRL_SUPERSEDED) {
                leave_out(name, "a newer revocation list of its signer is there");
                return 0;
        }

        r = read_crl(folder->sources, crl, &der, &n_der);
        if (r == READ_E_CHANGED)
                return complain(VERB_EXIT_NO_INPUT, "%s/%s: it changed while it was read",
                                folder->path, name);
        if (r)
                return complain(VERB_EXIT_SYSTEM, "%s/%s: %s", folder->path, name, strerror(-r));

        give_each(crl->entries, crl->n_entries,
                  &(struct gift){ true, crl->crl->sha256, { der, n_der } });
        return VERB_EXIT_OK;
}

static void leave_out_rest(const struct snapshot *snap)
{
        for (size_t i = 0; i < snap->n_entries; i++) {
                const struct entry *entry = snap->entries[i];

                if (entry->kind == ENTRY_BROKEN && role_is_judged(entry->role))
                        leave_out(file_of(entry), entry->reason);
                else if (entry->kind == ENTRY_BLOCK)
                        leave_out(file_of(entry), "it is a block: see uatrust block");
        }
}

static int collect_folder(const struct collection *collection, const char *path)
{
        CLEANUP(settings_unrefp) struct settings *settings = NULL;
        CLEANUP(folder_deinit) struct folder folder = FOLDER_NULL;
        int code;

        if (settings_new(&settings))
                return complain(VERB_EXIT_SYSTEM, "out of memory");
        code = folder_read(path, collection->layout, settings, &folder);
        if (code)
                return code;

        for (size_t i = 0; i < folder.snap->n_certs; i++) {
                const struct snapshot_cert *cert = &folder.snap->certs[i];

                give_each(cert->entries, cert->n_entries,
                          &(struct gift){ false,
                                          cert->cert->sha256,
                                          { cert->cert->der, cert->cert->n_der } });
        }
        for (size_t i = 0; !code && i < folder.snap->n_crls; i++)
                code = give_crl(&folder, &folder.snap->crls[i]);
        leave_out_rest(folder.snap);
        return code;
}

/* --- files --- */

static int give_item(const struct collection *collection, const char *path,
                     const struct decode_item *item, struct bytes content)
{
        CLEANUP(freep) uint8_t *der = NULL;
        size_t n_der;
        int r;

        if (item->kind == DECODE_CERT) {
                give(collection->role, path,
                     &(struct gift){
                             false, item->cert->sha256, { item->cert->der, item->cert->n_der } });
                return 0;
        }
        if (item->kind != DECODE_CRL) {
                leave_out(path, item->reason);
                return 0;
        }

        r = decode_find_crl(content, item->crl->sha256, &der, &n_der);
        if (!r)
                give(collection->role, path,
                     &(struct gift){ true, item->crl->sha256, { der, n_der } });
        return r;
}

static int collect_content(const struct collection *collection, const char *path,
                           struct bytes content)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        CLEANUP(buf_deinit) struct buf room = BUF_NULL;
        bool has_any = false;
        int r = bundle_decode(&content, &room, &list);

        for (size_t i = 0; !r && i < list.items.n; i++) {
                enum decode_kind kind = list.items.items[i].kind;

                has_any |= kind == DECODE_CERT || kind == DECODE_CRL;
                r = give_item(collection, path, &list.items.items[i], content);
        }
        if (r)
                return complain(VERB_EXIT_SYSTEM, "%s: %s", path, strerror(r < 0 ? -r : EIO));
        return has_any ? VERB_EXIT_OK
                       : complain(VERB_EXIT_NO_INPUT, "%s: it holds no certificate and no CRL",
                                  path);
}

static int collect_file(const struct collection *collection, const char *path, int fd)
{
        CLEANUP(content_deinit) struct content content = CONTENT_NULL;
        int r = content_read(fd, 0, &content);

        if (r == CONTENT_E_PRIVATE_KEY) {
                content_wipe(&content);
                return complain(VERB_EXIT_NO_INPUT, "%s: it is a private key, which was not read",
                                path);
        }
        if (r == CONTENT_E_TOO_LARGE)
                return complain(VERB_EXIT_NO_INPUT, "%s: it is too large", path);
        if (r)
                return complain_file(path, -r);

        return collect_content(collection, path, (struct bytes){ content.data, content.n });
}

static int collect_one(const struct collection *collection, const char *path)
{
        struct stat st;
        int fd, code;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0) {
                code = complain_file(path, errno);
        } else if (S_ISDIR(st.st_mode)) {
                code = collect_folder(collection, path);
        } else {
                code = collect_file(collection, path, fd);
        }
        if (fd >= 0)
                close(fd);
        return code;
}

/* --- the verb --- */

static int take_option(struct collection *collection, int option, const char *value)
{
        switch (option) {
        case LAYOUT:
                collection->layout_name = value;
                return VERB_EXIT_OK;
        case GROUP:
                if (layout_find_group(value, &collection->group))
                        return VERB_EXIT_OK;
                return complain_usage(VERB, "--group: \"%s\" is none of application, user, https",
                                      value);
        case LIST:
                if (role_find(value, &collection->role) &&
                    (collection->role == ROLE_TRUSTED || collection->role == ROLE_ISSUERS))
                        return VERB_EXIT_OK;
                return complain_usage(VERB, "--list: \"%s\" is none of trusted, issuers", value);
        default: /* getopt_long() has complained */
                return VERB_EXIT_USAGE;
        }
}

int collect_run(int argc, char **argv)
{
        struct collection collection = { .layout_name = "auto", .role = ROLE_TRUSTED };
        int option, code = VERB_EXIT_OK;

        while (!code && (option = getopt_long(argc, argv, "", ROWS, NULL)) >= 0)
                code = take_option(&collection, option, optarg);
        if (code)
                return code;

        collection.layout = layout_find(collection.layout_name, collection.group);
        if (!collection.layout)
                return complain_usage(VERB, "--layout: \"%s\" is none, or has no such group",
                                      collection.layout_name);
        for (int i = optind; !code && i < argc; i++)
                code = collect_one(&collection, argv[i]);
        if (!code)
                parcel_end(stdout);
        return code;
}
