/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Journal - what an update left in a store's folder: files, staged ones, and a journal whose first
 * byte says how much of it is the input's. It is carried out wholly or not at all, writes nothing
 * outside the folder, and is done when it says so.
 */

#include "store/journal.h"

#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "store/layout.h"
#include "store/recovery.h"
#include "trust/settings.h"

#include <string.h>
#include <unistd.h>

#define OPS_MAX 8

static const char *const dirs[] = {
        "trusted/certs",
        "trusted/crl",
        "issuers/certs",
        "blocked",
        "nowhere",
        ".",
        "..",
        "../outside",
        "trusted/../..",
        "trusted/crl/",
        "own/../..",
        "trusted/certs/a",
};
static const char *const names[] = {
        "a",
        "b",
        "..",
        ".",
        "c/d",
        "../../outside/kept",
        JOURNAL_NAME,
        ".uatrust-lock",
        ".uatrust-stage-0",
};
static const char *const contents[] = { "old", "new", "another" };

static struct settings *settings;

static void free_settings(void)
{
        settings_unref(settings);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        must(settings_new(&settings) == 0, "settings_new");
        atexit(free_settings);
        return 0;
}

#define TAKE_ONE(table, input) ((table)[fuzz_take_byte(input) % ARRAY_SIZE(table)])

/* Half of all files are there. */
static void write_files(const struct tree *tree, struct bytes *input)
{
        static const char *const places[] = { "pki/trusted/certs/a",  "pki/trusted/certs/b",
                                              "pki/trusted/crl/a",    "pki/issuers/certs/a",
                                              "pki/blocked/b",        "pki/.uatrust-lock",
                                              "pki/.uatrust-stage-0", "pki/.uatrust-stage-1",
                                              "pki/.uatrust-stage-2" };

        tree_mkdir(tree, "pki/trusted/certs");
        tree_write(tree, "outside/kept", "kept", 4);
        for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
                uint8_t how = fuzz_take_byte(input);
                const char *content = contents[how % ARRAY_SIZE(contents)];

                if (how & 0x80)
                        tree_write(tree, places[i], content, strlen(content));
        }
}

static bool take_sha256(struct bytes *input, uint8_t out[32])
{
        uint8_t how = fuzz_take_byte(input);
        const char *content = contents[how % ARRAY_SIZE(contents)];

        must(ossl_sha256((struct bytes){ (const uint8_t *)content, strlen(content) }, out) == 0,
             "sha256");
        return how & 0x80;
}

static void take_ops(struct bytes *input, struct journal *out)
{
        size_t n = fuzz_take_byte(input) % OPS_MAX;

        for (size_t i = 0; i < n; i++) {
                struct journal_op op = { .dir = strdup(TAKE_ONE(dirs, input)),
                                         .name = strdup(TAKE_ONE(names, input)) };

                op.has_before = take_sha256(input, op.before);
                op.has_after = take_sha256(input, op.after);
                must(journal_add(out, &op) == 0, "op");
        }
}

/* What is accepted is what was written. */
static void read_text(const struct buf *text)
{
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        CLEANUP(buf_deinit) struct buf again = BUF_NULL;
        int r = journal_text_read((const char *)text->data, text->n, &journal);

        must(r == 0 || r == JOURNAL_TEXT_E_DAMAGED, "journal_text_read: %d", r);
        if (r)
                return;
        must(journal_text_write(&journal, &again) == 0, "write");
        must(again.n == text->n && !memcmp(again.data, text->data, text->n), "it is another text");
}

static void write_journal(const struct tree *tree, struct bytes *input)
{
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        uint8_t how = fuzz_take_byte(input);

        if (how % 4) {
                take_ops(input, &journal);
                must(journal_text_write(&journal, &text) == 0, "write");
        } else {
                buf_add(&text, input->data, input->n);
        }
        if (how % 4 == 1 && text.n)
                text.data[fuzz_take_number(input, 2) % text.n] ^= 1;
        must(!buf_error(&text), "text");

        read_text(&text);
        tree_write(tree, "pki/" JOURNAL_NAME, text.data, text.n);
}

static void look_outside(const struct tree *tree)
{
        CLEANUP(freep) char *path = tree_path(tree, "outside/kept");
        char content[8] = "";
        FILE *file = fopen(path, "re");

        must(file && fread(content, 1, sizeof(content), file) == 4 && !memcmp(content, "kept", 4),
             "what lies outside is another");
        fclose(file);
}

static enum recover_status recover(const struct tree *tree, const struct store_config *config)
{
        CLEANUP(freep) char *journal = tree_path(tree, "pki/" JOURNAL_NAME);
        struct recover_outcome outcome = RECOVER_OUTCOME_NULL;
        enum recover_status status;

        must(store_recover(config, &outcome) == 0, "store_recover");
        status = outcome.status;
        must(status != RECOVER_BUSY, "it is busy");
        must((status == RECOVER_STUCK) == (outcome.reason != NULL), "a reason");
        must(status == RECOVER_STUCK || access(journal, F_OK) < 0, "the journal is left");
        recover_outcome_deinit(&outcome);
        look_outside(tree);
        return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        CLEANUP(tree_freep) struct tree *tree = tree_new();
        CLEANUP(freep) char *root = tree_path(tree, "pki");
        struct store_source source = { .name = "default",
                                       .path = root,
                                       .layout = layout_default() };
        struct store_config config = { .sources = &source, .n_sources = 1, .settings = settings };
        struct bytes input = { data, n };
        enum recover_status status;

        write_files(tree, &input);
        write_journal(tree, &input);
        status = recover(tree, &config);
        must(recover(tree, &config) == (status == RECOVER_STUCK ? RECOVER_STUCK : RECOVER_CLEAN),
             "a second time it is another");
        return 0;
}
