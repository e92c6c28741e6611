/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/folder.h"

#include "base/vec.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "pki/crl.h"
#include "pki/ossl.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/update.h"
#include "trust/block.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* -- contents of files ------------------------------------------------------------------------- */

static struct mint_der half_of(const struct mint_der *whole)
{
        struct mint_der half = { .data = must_calloc(1, whole->n), .n = whole->n / 2 };

        memcpy(half.data, whole->data, half.n);
        return half;
}

static struct mint_der bytes_of(const char *text, size_t n)
{
        struct mint_der der = { .data = must_calloc(1, n + 1), .n = n };

        memcpy(der.data, text, n);
        return der;
}

static struct mint_der pair_of(const struct mint_der *first, const struct mint_der *second)
{
        struct mint_der pair = bytes_of("one:\n", 5);

        pair = mint_join(pair, mint_pem(first, "CERTIFICATE"));
        pair = mint_join(pair, bytes_of("two:\n", 5));
        return mint_join(pair, mint_pem(second, "CERTIFICATE"));
}

#define BLOCK_TEXT "{\"sha256\":\"" DIGITS DIGITS DIGITS DIGITS "\",\"reason\":\"lost\"}"
#define DIGITS     "0123456789abcdef"

struct contents *contents_new(void)
{
        struct mint_cert ca = { .ca = true };
        struct mint_cert twin = { .ca = true, .key = "rsa2048-7" };
        struct mint_cert leaf = { .issuer = &ca };
        struct mint_cert other = { .issuer = &ca, .subject = "CN=Other", .key = "rsa2048-4" };
        struct mint_crl_entry gone = { .cert = &leaf };
        struct mint_crl crl = { .issuer = &ca, .entries = &gone, .n_entries = 1 };
        struct mint_crl next = { .issuer = &ca, .number = "02", .this_update_s = MINT_NOW_S };
        struct mint_crl foreign = { .issuer = &twin };
        struct contents *contents = must_calloc(1, sizeof(*contents));
        struct mint_der *of = contents->of;
        char zeros[900] = { 0 };

        must(ossl_init() == 0, "ossl_init");
        of[LEAF] = mint_cert(&leaf);
        of[OTHER] = mint_cert(&other);
        of[SELF] = mint_cert(&(struct mint_cert){ .subject = "CN=Self", .key = "rsa2048-5" });
        of[LEAF_PEM] = mint_pem(&of[LEAF], "CERTIFICATE");
        of[PAIR] = pair_of(&of[LEAF], &of[OTHER]);
        of[LEAF_TWO] = mint_join(mint_cert(&leaf), mint_cert(&other));
        of[LEAF_HALF] = half_of(&of[LEAF]);
        of[LEAF_AND_HALF] = mint_join(mint_cert(&leaf), half_of(&of[LEAF]));
        of[CA] = mint_cert(&ca);
        of[TWIN] = mint_cert(&twin);
        of[CRL] = mint_crl(&crl);
        of[CRL_NEXT] = mint_crl(&next);
        of[CRL_HALF] = half_of(&of[CRL]);
        of[CRL_FOREIGN] = mint_crl(&foreign);
        of[BLOCK] = bytes_of(BLOCK_TEXT, strlen(BLOCK_TEXT));
        of[BLOCK_HALF] = half_of(&of[BLOCK]);
        of[KEY] = mint_private_key("rsa2048-1");
        of[TEXT] = bytes_of("read me\n", 8);
        of[ZEROS] = bytes_of(zeros, sizeof(zeros));
        return contents;
}

void contents_free(struct contents *contents)
{
        for (size_t i = 0; i < CONTENT_N; i++)
                mint_der_deinit(&contents->of[i]);
        free(contents);
}

int contents_set_up(void **state)
{
        *state = contents_new();
        return 0;
}

int contents_tear_down(void **state)
{
        contents_free(*state);
        return 0;
}

/* -- a store under test ------------------------------------------------------------------------ */

static int64_t read_clock(clockid_t id)
{
        struct timespec now;

        clock_gettime(id, &now);
        return now.tv_sec * S_NS + now.tv_nsec;
}

struct folder *folder_new(struct contents *contents)
{
        struct folder *folder = must_calloc(1, sizeof(*folder));

        folder->contents = contents;
        folder->tree = tree_new();
        folder->root = tree_path(folder->tree, "pki");
        folder->source = (struct store_source){ .name = "default",
                                                .path = folder->root,
                                                .layout = layout_default() };
        must(settings_new(&folder->settings) == 0, "settings_new");
        folder->config = (struct store_config){ .sources = &folder->source,
                                                .n_sources = 1,
                                                .settings = folder->settings };
        folder->now.realtime_ns = read_clock(CLOCK_REALTIME) + 3600 * S_NS;
        folder->now.monotonic_ns = read_clock(CLOCK_MONOTONIC);
        folder->result = (struct store_result)STORE_RESULT_NULL;
        return folder;
}

void folder_free(struct folder *folder)
{
        folder->result.picture = NULL;
        store_result_deinit(&folder->result);
        picture_unref(folder->picture);
        settings_unref(folder->settings);
        tree_free(folder->tree);
        for (size_t i = 1; i < folder->config.n_sources; i++)
                free((void *)folder->sources[i].path);
        free(folder->root);
        free(folder);
}

void folder_add_source(struct folder *folder, const char *name, const struct layout *layout)
{
        size_t n = folder->config.n_sources;

        must(n < sizeof(folder->sources) / sizeof(folder->sources[0]), "a source more");
        folder->sources[0] = folder->source;
        folder->sources[n] = (struct store_source){
                .name = name,
                .path = tree_path(folder->tree, name),
                .layout = layout,
                .settle_ms = SOURCES_SETTLE_MS,
        };
        folder->config.sources = folder->sources;
        folder->config.n_sources = n + 1;
}

static void put_special(const char *path, enum content content)
{
        unlink(path);
        if (content == FIFO) {
                must(mkfifo(path, 0600) == 0, "mkfifo %s", path);
        } else if (content == DANGLING) {
                must(symlink("nowhere", path) == 0, "symlink %s", path);
        } else {
                int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

                must(fd >= 0 && ftruncate(fd, INT64_C(1) << 40) == 0 && close(fd) == 0,
                     "a hole in %s", path);
        }
}

/* By rename: another inode, so that a stamp tells it whatever the clock's grain. */
void folder_put(const struct folder *folder, const char *name, enum content content)
{
        char *below = NULL, *path;

        must(asprintf(&below, "pki/%s", name) > 0, "asprintf");
        path = tree_path(folder->tree, below);
        if (content == NOTHING)
                tree_remove(folder->tree, below);
        else if (content == HUGE || content == FIFO || content == DANGLING)
                put_special(path, content);
        else
                tree_replace(folder->tree, below, folder->contents->of[content].data,
                             folder->contents->of[content].n);
        free(path);
        free(below);
}

void folder_write(const struct folder *folder, const char *name, enum content content)
{
        char *below = NULL;

        must(asprintf(&below, "pki/%s", name) > 0, "asprintf");
        tree_write(folder->tree, below, folder->contents->of[content].data,
                   folder->contents->of[content].n);
        free(below);
}

void folder_link(const struct folder *folder, const char *target, const char *name)
{
        char *path = NULL;

        must(asprintf(&path, "%s/%s", folder->root, name) > 0, "asprintf");
        unlink(path);
        must(symlink(target, path) == 0, "symlink %s", path);
        free(path);
}

void folder_refresh_with(struct folder *folder, const struct store_hints *hints)
{
        struct store_result result;

        assert_int_equal(
                store_refresh(&folder->config, folder->picture, hints, &folder->now, &result), 0);
        folder->result.picture = NULL;
        store_result_deinit(&folder->result);
        picture_unref(folder->picture);
        folder->picture = result.picture;
        folder->result = result;
}

void folder_update(struct folder *folder, const struct update_request *request,
                   struct update_outcome *out)
{
        struct store_hints hints = { .is_all = false };
        struct update update = { &folder->config, folder->picture, &hints, &folder->now, request };

        assert_int_equal(store_update(&update, out), 0);
        assert_non_null(out->result.picture);
        folder->result.picture = NULL;
        store_result_deinit(&folder->result);
        picture_unref(folder->picture);
        folder->picture = out->result.picture;
        folder->result = out->result;
        out->result = (struct store_result)STORE_RESULT_NULL;
}

void folder_refresh(struct folder *folder)
{
        folder_refresh_with(folder, &(struct store_hints){ .is_all = true });
}

size_t folder_find_dir(const struct folder *folder, const char *path)
{
        for (size_t i = 0; i < folder->source.layout->n_dirs; i++) {
                if (strcmp(folder->source.layout->dirs[i].path, path) == 0)
                        return i;
        }
        fail_msg("no directory %s", path);
        return 0;
}

void folder_refresh_name(struct folder *folder, const char *dir, const char *name,
                         bool is_being_written)
{
        struct store_hint hint = { folder_find_dir(folder, dir), name, is_being_written };

        folder_refresh_with(folder, &(struct store_hints){ .items = &hint, .n = 1 });
}

void folder_refresh_nothing(struct folder *folder)
{
        folder_refresh_with(folder, &(struct store_hints){ 0 });
}

/* -- what is seen ------------------------------------------------------------------------------ */

static const char *word_of(const struct snapshot *snap, const struct entry *entry)
{
        if (entry->kind == ENTRY_CERT)
                return "cert";
        if (entry->kind == ENTRY_BLOCK)
                return entry->is_last_good ? "block(held)" : "block";
        if (entry->kind == ENTRY_BROKEN)
                return entry->is_foreign ? "foreign" : "broken";

        for (size_t i = 0; i < snap->n_crls; i++) {
                if (memcmp(snap->crls[i].crl->sha256, entry->crl->sha256, 32) != 0)
                        continue;
                switch (snap->crls[i].state) {
                case SNAPSHOT_CRL_UNVERIFIED:
                        return "crl(unverified)";
                case SNAPSHOT_CRL_NEWEST:
                        return "crl";
                case SNAPSHOT_CRL_SUPERSEDED:
                        return "crl(superseded)";
                case SNAPSHOT_CRL_LAST_GOOD:
                        return "crl(held)";
                }
        }
        return "crl(other list)";
}

/* A content's SHA-256 becomes its name; in place. */
static void name_contents(const struct folder *folder, char *text)
{
        static const struct {
                enum content content;
                const char *name;
        } NAMES[] = {
                { LEAF, "LEAF" },         { OTHER, "OTHER" },
                { SELF, "SELF" },         { CA, "CA" },
                { TWIN, "TWIN" },         { CRL, "CRL" },
                { CRL_NEXT, "CRL_NEXT" }, { CRL_FOREIGN, "CRL_FOREIGN" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
                const struct mint_der *der = &folder->contents->of[NAMES[i].content];
                char sha256[65], *at = strstr(text, mint_sha256(der, sha256));
                size_t n = strlen(NAMES[i].name);

                if (!at)
                        continue;
                *at++ = '{';
                memcpy(at, NAMES[i].name, n);
                at[n] = '}';
                memmove(at + n + 1, at + 63, strlen(at + 63) + 1);
        }
}

static int compare_lines(const void *left, const void *right)
{
        return strcmp(*(char *const *)left, *(char *const *)right);
}

static const char *short_origin(const struct entry *entry)
{
        bool is_own = strncmp(entry->origin, "default/", strlen("default/")) == 0;

        return entry->origin + (is_own ? strlen("default/") : 0);
}

/* "cert trusted/certs/a.der, ...", in order; free() it. */
static char *describe(const struct folder *folder, const struct snapshot *snap)
{
        VEC(char *) lines = VEC_NULL;
        char *text = NULL;
        size_t n;
        FILE *out = open_memstream(&text, &n);

        for (size_t i = 0; snap && i < snap->n_entries; i++) {
                const struct entry *entry = snap->entries[i];
                char *line;

                must(asprintf(&line, "%s %s", word_of(snap, entry), short_origin(entry)) > 0,
                     "asprintf");
                name_contents(folder, line);
                must(VEC_PUSH(&lines, line) == 0, "push");
        }

        if (lines.n > 0)
                qsort(lines.items, lines.n, sizeof(char *), compare_lines);
        for (size_t i = 0; i < lines.n; i++) {
                fprintf(out, "%s%s", i > 0 ? ", " : "", lines.items[i]);
                free(lines.items[i]);
        }
        VEC_FREE(&lines);
        fclose(out);
        return text;
}

static void assert_described(const struct folder *folder, const struct snapshot *snap,
                             const char *name, const char *expected)
{
        char *seen = describe(folder, snap);

        if (strcmp(seen, expected) != 0)
                fail_msg("%s:\nseen     %s\nexpected %s", name, seen, expected);
        free(seen);
}

void folder_assert_seen(const struct folder *folder, const char *name, const char *expected)
{
        assert_described(folder, picture_get_snapshot(folder->picture), name, expected);
}

void folder_assert_known(const struct folder *folder, const char *name, const char *expected)
{
        const struct snapshot *known = picture_get_snapshot(folder->picture)->known;

        if (known && !expected)
                fail_msg("%s: something is lost", name);
        if (expected)
                assert_described(folder, known, name, expected);
}

void folder_assert_reason(const struct folder *folder, const char *expected)
{
        const struct snapshot *snap = picture_get_snapshot(folder->picture);

        for (size_t i = 0; i < snap->n_entries; i++) {
                if (snap->entries[i]->kind == ENTRY_BROKEN) {
                        assert_string_equal(snap->entries[i]->reason, expected);
                        return;
                }
        }
        fail_msg("nothing is broken");
}

size_t folder_count_added(const struct folder *folder)
{
        assert_non_null(folder->result.change);
        return folder->result.change->added.n;
}

size_t folder_count_removed(const struct folder *folder)
{
        assert_non_null(folder->result.change);
        return folder->result.change->removed.n;
}

struct folder *folder_with_crl(struct contents *contents)
{
        struct folder *folder = folder_new(contents);

        folder_put(folder, TC "ca", CA);
        folder_put(folder, TR "a", CRL);
        folder_refresh(folder);
        return folder;
}

struct bytes folder_bytes(const struct folder *folder, enum content content)
{
        const struct mint_der *der = &folder->contents->of[content];

        return (struct bytes){ der->data, der->n };
}

struct update_request *folder_ask(const struct folder *folder, enum update_kind kind,
                                  enum content of)
{
        static const struct block_note NOTE = { "a test", 1, 2 };
        struct update_request *request;

        must(update_request_new(kind, &request) == 0, "update_request_new");
        if (of == NOTHING)
                return request;

        request->n_thumbprint = 32;
        must(ossl_sha256(folder_bytes(folder, of), request->thumbprint) == 0, "hash");
        must(block_new_sha256(request->thumbprint, &NOTE, &request->block) == 0, "block");
        return request;
}

void folder_give(const struct folder *folder, struct update_request *request, enum update_list list,
                 enum content content)
{
        must(update_request_add(request, list, folder_bytes(folder, content)) == 0,
             "update_request_add");
}
