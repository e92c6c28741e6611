/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/rejected_scene.h"

#include "harness/must.h"
#include "pki/ossl.h"
#include "proto/hex.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mint_der minted[256];

const struct mint_der *certificate(size_t number)
{
        static const char *const SUBJECTS[] = { "CN=../../evil", "CN=a\nb", "CN=/etc/passwd",
                                                "CN=.", "CN=x.der" };
        char serial[16];
        struct mint_cert spec = { .key = "p256-stranger", .serial = serial };

        must(number < ARRAY_SIZE(minted), "too many");
        if (!minted[number].data) {
                spec.subject = SUBJECTS[number % ARRAY_SIZE(SUBJECTS)];
                snprintf(serial, sizeof(serial), "01%06x", (unsigned int)number);
                minted[number] = mint_cert(&spec);
        }
        return &minted[number];
}

static char *hash_of(const struct mint_der *der)
{
        uint8_t sha256[32];
        char *hex = must_calloc(1, 65);

        must(ossl_sha256((struct bytes){ der->data, der->n }, sha256) == 0, "hash");
        hex_encode(sha256, sizeof(sha256), hex);
        return hex;
}

struct schema_bytes copy_of(const struct mint_der *der)
{
        struct schema_bytes bytes = { must_calloc(1, der->n), der->n };

        memcpy(bytes.data, der->data, der->n);
        return bytes;
}

struct rejected_item *put(struct scene *scene, size_t number, int64_t uid, bool is_new)
{
        struct rejected_item item = { .n_certificates = 0 };

        schema_init(&rejected_note_schema, &item.note);
        item.note.sha256 = hash_of(certificate(number));
        item.note.status_name = must_strdup("BadCertificateUntrusted");
        item.note.reason = must_strdup("it is not trusted");
        item.note.purpose = must_strdup("client");
        item.note.caller.uid = item.note.first_uid = uid;
        item.note.first_seen = item.note.last_seen = scene->now_s;
        item.note.count = 1;
        if (is_new) {
                item.certificates = must_calloc(1, sizeof(*item.certificates));
                item.certificates[0] = copy_of(certificate(number));
                item.n_certificates = 1;
        }
        must(VEC_PUSH(&scene->batch.items, item) == 0, "push");
        return &scene->batch.items.items[scene->batch.items.n - 1];
}

void write_batch(struct scene *scene)
{
        rejected_outcome_deinit(&scene->outcome);
        scene->outcome = (struct rejected_outcome)REJECTED_OUTCOME_NULL;
        scene->batch.now_s = scene->now_s;
        assert_int_equal(
                rejected_write(scene->tree->path, scene->list, &scene->batch, &scene->outcome), 0);
        if (scene->outcome.list) {
                rejected_list_unref(scene->list);
                scene->list = rejected_list_ref(scene->outcome.list);
        }

        for (size_t i = 0; i < scene->batch.items.n; i++)
                rejected_item_deinit(&scene->batch.items.items[i]);
        scene->batch.items.n = 0;
}

void write_range(struct scene *scene, size_t from, size_t n, int64_t uid)
{
        for (size_t i = 0; i < n; i++) {
                scene->now_s++;
                put(scene, from + i, uid, true);
                if (scene->batch.items.n == REJECTED_BATCH_MAX || i + 1 == n)
                        write_batch(scene);
        }
}

const struct rejected_file *find(const struct scene *scene, size_t number)
{
        uint8_t sha256[32];
        const struct mint_der *der = certificate(number);

        must(ossl_sha256((struct bytes){ der->data, der->n }, sha256) == 0, "hash");
        return rejected_list_find(scene->list, sha256);
}

size_t count_files(const struct scene *scene, const char *name)
{
        char *path = tree_path(scene->tree, name);
        DIR *dir = opendir(path);
        const struct dirent *entry;
        size_t n = 0;

        while (dir && (entry = readdir(dir)))
                n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        if (dir)
                closedir(dir);
        free(path);
        return n;
}

char *path_of(const struct scene *scene, size_t number, const char *ending)
{
        char *hash = hash_of(certificate(number)), *name, *path;

        must(asprintf(&name, REJECTED_DIR "/%s%s", hash, ending) > 0, "asprintf");
        path = tree_path(scene->tree, name);
        free(name);
        free(hash);
        return path;
}

void expect_in_step(struct scene *scene)
{
        struct rejected_list *told = rejected_list_ref(scene->list);

        write_batch(scene);
        assert_int_equal(scene->list->files.n, told->files.n);
        assert_int_equal(scene->list->n_bytes, told->n_bytes);
        for (size_t i = 0; i < told->files.n; i++) {
                const struct rejected_file *a = &told->files.items[i];
                const struct rejected_file *b = &scene->list->files.items[i];

                assert_memory_equal(a->sha256, b->sha256, 32);
                assert_true(scan_stamp_equal(&a->cert, &b->cert));
                assert_true(scan_stamp_equal(&a->note, &b->note));
                assert_ptr_equal(a->record, b->record);
        }
        rejected_list_unref(told);
}

int rejected_set_up(void **state)
{
        struct scene *scene = must_calloc(1, sizeof(*scene));

        must(ossl_init() == 0, "ossl_init");
        scene->tree = tree_new();
        scene->batch.max = 100;
        scene->now_s = NOW_S;
        *state = scene;
        return 0;
}

int rejected_tear_down(void **state)
{
        struct scene *scene = *state;

        VEC_FREE(&scene->batch.items);
        rejected_outcome_deinit(&scene->outcome);
        rejected_list_unref(scene->list);
        tree_free(scene->tree);
        free(scene);
        return 0;
}

int rejected_forget(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(minted); i++)
                mint_der_deinit(&minted[i]);
        return 0;
}
