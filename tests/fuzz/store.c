/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Store - a store's folder, and a source that may be any SDK's tree, in which the input makes, writes, renames, links and
 * removes names, and lets the store look in between. At the end, what the store made of it step by step judges as what it makes of the same folder afresh.
 */

#include "store/store.h"

#include "base/vec.h"
#include "fuzz/fuzz.h"
#include "fuzz/objects.h"
#include "harness/mint.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "pki/ossl.h"
#include "proto/compiler.h"
#include "store/layout.h"
#include "store/picture.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STEPS_MAX 32
#define S_NS      INT64_C(1000000000)

static const char *const names[] = {
        "a", "b.der", "c.crl", "d.pem", ".e", "f~", "..data", "CN [0]"
};

struct scene {
        struct tree *tree;
        char *root, *other;
        struct store_source sources[2];
        char **dirs; /* those that store_list_dirs() names */
        size_t n_dirs, n_own;
        struct store_config config;
        struct settings *settings;
        struct store_now now;
        struct picture *picture;
        VEC(struct store_hint) hints; /* what was touched since the last look */
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        objects_new();
        return 0;
}

static int64_t read_clock(clockid_t id)
{
        struct timespec now;

        clock_gettime(id, &now);
        return now.tv_sec * S_NS + now.tv_nsec;
}

static void scene_init(struct scene *scene)
{
        *scene = (struct scene){ .tree = tree_new() };
        scene->root = tree_path(scene->tree, "pki");
        scene->other = tree_path(scene->tree, "other");
        scene->sources[0] = (struct store_source){ .name = "default",
                                                   .path = scene->root,
                                                   .layout = layout_default() };
        scene->sources[1] =
                (struct store_source){ .name = "other",
                                       .path = scene->other,
                                       .layout = layout_find("auto", LAYOUT_APPLICATION) };
        must(settings_new(&scene->settings) == 0, "settings_new");
        scene->config = (struct store_config){ .sources = scene->sources,
                                               .n_sources = ARRAY_SIZE(scene->sources),
                                               .settings = scene->settings };
        must(store_list_dirs(&scene->config, &scene->dirs, &scene->n_dirs) == 0, "directories");
        scene->n_own = scene->sources[0].layout->n_dirs;
        scene->now.realtime_ns = read_clock(CLOCK_REALTIME);
        scene->now.monotonic_ns = S_NS;
        tree_mkdir(scene->tree, "pki/trusted/certs");
        tree_mkdir(scene->tree, "pki/trusted/crl");
        tree_mkdir(scene->tree, "pki/issuers/certs");
}

static void scene_deinit(struct scene *scene)
{
        picture_unref(scene->picture);
        settings_unref(scene->settings);
        VEC_FREE(&scene->hints);
        tree_free(scene->tree);
        free(scene->dirs);
        free(scene->root);
        free(scene->other);
}

/* -- looking ----------------------------------------------------------------------------------- */

static void look(struct scene *scene, bool is_all, bool is_being_written)
{
        struct store_hints hints = { .is_all = is_all,
                                     .items = scene->hints.items,
                                     .n = scene->hints.n };
        struct store_result result;

        for (size_t i = 0; i < scene->hints.n; i++)
                scene->hints.items[i].is_being_written =
                        is_being_written && scene->hints.items[i].name;

        must(store_refresh(&scene->config, scene->picture, &hints, &scene->now, &result) == 0,
             "store_refresh");
        must(result.picture && !result.not_ready == !!picture_get_snapshot(result.picture),
             "neither a picture nor why not");
        picture_unref(scene->picture);
        scene->picture = TAKE(result.picture);
        store_result_deinit(&result);
        scene->hints.n = 0;
}

static void pass(struct scene *scene, int64_t ns)
{
        scene->now.realtime_ns += ns;
        scene->now.monotonic_ns += ns;
}

static bool is_same_state(const struct snapshot *a, const struct snapshot *b)
{
        uint8_t hash_a[32], hash_b[32];

        must(snapshot_hash(a, hash_a) == 0 && snapshot_hash(b, hash_b) == 0, "snapshot_hash");
        return !memcmp(hash_a, hash_b, sizeof(hash_a));
}

static void look_afresh(struct scene *scene)
{
        const struct snapshot *seen = picture_get_snapshot(scene->picture);
        struct store_hints hints = { .is_all = true };
        struct store_result result;
        const struct snapshot *afresh;

        must(store_refresh(&scene->config, NULL, &hints, &scene->now, &result) == 0, "afresh");
        afresh = picture_get_snapshot(result.picture);
        must(!seen == !afresh, "ready, or not");
        must(!afresh || !afresh->known, "nothing can be lost yet");
        must(!seen || is_same_state(seen, afresh), "it is another state");
        for (size_t i = 0; seen && i < ROLE_N; i++)
                must(seen->n_role_certs[i] == afresh->n_role_certs[i], "certificates of list %zu",
                     i);
        store_result_deinit(&result);
}

/* -- what happens to files --------------------------------------------------------------------- */

static void touch(struct scene *scene, size_t dir, const char *name)
{
        struct store_hint hint = { dir, name, false };

        must(VEC_PUSH(&scene->hints, hint) == 0, "hint");
}

static size_t take_dir(const struct scene *scene, struct bytes *input)
{
        uint8_t byte = fuzz_take_byte(input);

        return byte < 0xc0 ? byte % scene->n_own
                           : scene->n_own + byte % (scene->n_dirs - scene->n_own);
}

/* Its path below the tree. */
static const char *dir_below(const struct scene *scene, size_t dir)
{
        return scene->dirs[dir] + strlen(scene->tree->path) + 1;
}

/* "pki/trusted/certs/a"; free() it. */
static char *take_name(struct scene *scene, struct bytes *input)
{
        size_t dir = take_dir(scene, input);
        const char *name = names[fuzz_take_byte(input) % ARRAY_SIZE(names)];
        char *path = NULL;

        touch(scene, dir, name);
        must(asprintf(&path, "%s/%s", dir_below(scene, dir), name) > 0, "name");
        return path;
}

static bool is_directory(const char *path)
{
        struct stat st;

        return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static struct mint_der take_content(struct bytes *input)
{
        uint8_t how = fuzz_take_byte(input);
        bool is_crl;
        struct mint_der der, other;

        if (how % 8 == 0) {
                struct bytes raw = fuzz_take(input, how);

                return (struct mint_der){ (uint8_t *)fuzz_text(raw), raw.n };
        }

        der = objects_take(input, &is_crl);
        if (how % 8 == 1)
                der = mint_join(der, objects_take(input, &is_crl));
        if (how % 8 == 2)
                der.n /= 2;
        if (how % 8 == 3) {
                other = mint_pem(&der, is_crl ? "X509 CRL" : "CERTIFICATE");
                mint_der_deinit(&der);
                der = other;
        }
        return der;
}

static void write_file(struct scene *scene, struct bytes *input, bool is_atomic)
{
        char *name = take_name(scene, input), *path = tree_path(scene->tree, name);
        struct mint_der content = take_content(input);

        if (!is_directory(path)) {
                /* Never through a link: it may lead anywhere. */
                unlink(path);
                if (is_atomic)
                        tree_replace(scene->tree, name, content.data, content.n);
                else
                        tree_write(scene->tree, name, content.data, content.n);
        }
        mint_der_deinit(&content);
        free(path);
        free(name);
}

static void make_link(struct scene *scene, struct bytes *input)
{
        static const char *const targets[] = {
                "a", "b.der", "nowhere", ".", "..", "../crl/c.crl", "..data/a", "/etc/passwd",
        };
        char *name = take_name(scene, input), *path = tree_path(scene->tree, name);

        if (!is_directory(path)) {
                unlink(path);
                /* It may fail where there is no such directory. */
                if (symlink(targets[fuzz_take_byte(input) % ARRAY_SIZE(targets)], path) < 0)
                        must(errno == ENOENT || errno == ENOTDIR, "symlink");
        }
        free(path);
        free(name);
}

static void rename_file(struct scene *scene, struct bytes *input)
{
        char *from = take_name(scene, input), *to = take_name(scene, input);
        char *from_path = tree_path(scene->tree, from), *to_path = tree_path(scene->tree, to);

        if (rename(from_path, to_path) < 0)
                must(errno != EIO, "rename");
        free(from_path);
        free(to_path);
        free(from);
        free(to);
}

static void remove_name(struct scene *scene, struct bytes *input)
{
        char *name = take_name(scene, input);

        tree_remove(scene->tree, name);
        free(name);
}

static void make_special(struct scene *scene, struct bytes *input)
{
        char *name = take_name(scene, input), *path = tree_path(scene->tree, name);

        if (mknod(path, fuzz_take_byte(input) & 1 ? S_IFIFO | 0600 : S_IFSOCK | 0600, 0) < 0)
                must(errno != EIO, "mknod");
        free(path);
        free(name);
}

static void change_directory(struct scene *scene, struct bytes *input)
{
        size_t dir = take_dir(scene, input);
        uint8_t how = fuzz_take_byte(input);

        touch(scene, dir, NULL);
        if (how % 4 == 0)
                tree_remove(scene->tree, dir_below(scene, dir));
        else if (how == 0xff)
                tree_remove(scene->tree, dir < scene->n_own ? "pki" : "other");
        else
                tree_mkdir(scene->tree, dir_below(scene, dir));
        /* Above what was removed there may be others. */
        for (size_t i = 0; how == 0xff && i < scene->n_dirs; i++)
                touch(scene, i, NULL);
}

static void take_step(struct scene *scene, struct bytes *input)
{
        uint8_t what = fuzz_take_byte(input);

        switch (what % 10) {
        case 0:
        case 1:
        case 2:
                write_file(scene, input, what & 0x80);
                return;
        case 3:
                make_link(scene, input);
                return;
        case 4:
                rename_file(scene, input);
                return;
        case 5:
                remove_name(scene, input);
                return;
        case 6:
                make_special(scene, input);
                return;
        case 7:
                change_directory(scene, input);
                return;
        case 8:
                look(scene, what & 0x80, what & 0x40);
                return;
        case 9:
                pass(scene, (int64_t)fuzz_take_byte(input) * S_NS / 100);
                return;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct bytes input = { data, n };
        struct scene scene;

        scene_init(&scene);
        for (size_t i = 0; i < STEPS_MAX && input.n > 0; i++)
                take_step(&scene, &input);

        look(&scene, true, false);
        pass(&scene, 3600 * S_NS);
        look(&scene, true, false);
        look_afresh(&scene);
        scene_deinit(&scene);
        return 0;
}
