/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal_text.h"

#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/hex.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "uatrust-journal 1\n"

void journal_op_deinit(struct journal_op *op)
{
        free(op->dir);
        free(op->name);
}

void journal_deinit(struct journal *journal)
{
        for (size_t i = 0; i < journal->ops.n; i++)
                journal_op_deinit(&journal->ops.items[i]);
        VEC_FREE(&journal->ops);
}

int journal_add(struct journal *journal, struct journal_op *op)
{
        int r = op->dir && op->name ? VEC_PUSH(&journal->ops, *op) : -ENOMEM;

        if (r < 0)
                journal_op_deinit(op);
        return r;
}

static void add_hex(struct buf *out, const void *data, size_t n)
{
        uint8_t *to = buf_extend(out, 2 * n + 1);

        if (to)
                hex_encode(data, n, (char *)to);
        if (to)
                out->n--; /* its NUL */
}

static void add_sha256(struct buf *out, bool is_there, const uint8_t sha256[32])
{
        buf_add_byte(out, ' ');
        if (is_there)
                add_hex(out, sha256, 32);
        else
                buf_add_byte(out, '-');
}

int journal_text_write(const struct journal *journal, struct buf *out)
{
        uint8_t sha256[32];
        int r;

        buf_add_text(out, HEADER);
        for (size_t i = 0; i < journal->ops.n; i++) {
                const struct journal_op *op = &journal->ops.items[i];

                add_hex(out, op->dir, strlen(op->dir));
                buf_add_byte(out, ' ');
                add_hex(out, op->name, strlen(op->name));
                add_sha256(out, op->has_before, op->before);
                add_sha256(out, op->has_after, op->after);
                buf_add_byte(out, '\n');
        }
        if (buf_error(out))
                return -ENOMEM;

        r = ossl_sha256((struct bytes){ out->data, out->n }, sha256);
        if (r < 0)
                return r;

        buf_printf(out, "end %zu", journal->ops.n);
        add_sha256(out, true, sha256);
        buf_add_byte(out, '\n');
        return buf_error(out);
}

/* A word up to a blank or the line's end, which is taken, too; @text ends with NUL. */
static bool take_word(char **text, char end, char **out)
{
        char *at = strpbrk(*text, " \n");

        if (!at || *at != end)
                return false;

        *at = '\0';
        *out = *text;
        *text = at + 1;
        return true;
}

static int read_text_word(const char *word, char **out)
{
        size_t n = strlen(word);
        char *text;

        if (n == 0 || n % 2 != 0 || n > 2 * PATH_MAX)
                return JOURNAL_TEXT_E_DAMAGED;

        text = malloc(n / 2 + 1);
        if (!text)
                return -ENOMEM;

        *out = text;
        text[n / 2] = '\0';
        return hex_decode(word, n, (uint8_t *)text) == 0 && strlen(text) == n / 2
                       ? 0
                       : JOURNAL_TEXT_E_DAMAGED;
}

static int read_sha256(const char *word, bool *out_is_there, uint8_t out[32])
{
        *out_is_there = strcmp(word, "-") != 0;
        if (!*out_is_there)
                return 0;
        return strlen(word) == 64 && hex_decode(word, 64, out) == 0 ? 0 : JOURNAL_TEXT_E_DAMAGED;
}

/* No journal of ours does: it names directories of a layout. */
static bool leads_out(const char *dir)
{
        size_t n = strlen(dir);

        return dir[0] == '/' || strcmp(dir, "..") == 0 || strncmp(dir, "../", 3) == 0 ||
               strstr(dir, "/../") || (n >= 3 && strcmp(dir + n - 3, "/..") == 0);
}

static int read_op(char **text, struct journal *out)
{
        struct journal_op op = { 0 };
        char *dir, *name, *before, *after;
        int r;

        if (!take_word(text, ' ', &dir) || !take_word(text, ' ', &name) ||
            !take_word(text, ' ', &before) || !take_word(text, '\n', &after))
                return JOURNAL_TEXT_E_DAMAGED;

        r = read_text_word(dir, &op.dir);
        if (!r)
                r = read_text_word(name, &op.name);
        if (!r)
                r = read_sha256(before, &op.has_before, op.before);
        if (!r)
                r = read_sha256(after, &op.has_after, op.after);
        if (!r && (strchr(op.name, '/') || leads_out(op.dir)))
                r = JOURNAL_TEXT_E_DAMAGED;
        if (r) {
                journal_op_deinit(&op);
                return r;
        }

        return journal_add(out, &op);
}

/* The last line says that all lines before it are what was written. */
static int check_end(const char *text, size_t n, const struct journal *journal)
{
        CLEANUP(buf_deinit) struct buf again = BUF_NULL;
        int r = journal_text_write(journal, &again);

        if (r < 0)
                return r;
        return again.n == n && memcmp(again.data, text, n) == 0 ? 0 : JOURNAL_TEXT_E_DAMAGED;
}

int journal_text_read(const char *whole, size_t n, struct journal *out)
{
        CLEANUP(freep) char *copy = n ? strndup(whole, n) : strdup("");
        char *text = copy;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        if (strncmp(text, HEADER, strlen(HEADER)) != 0)
                return JOURNAL_TEXT_E_DAMAGED;

        text += strlen(HEADER);
        while (!r && strncmp(text, "end ", 4) != 0)
                r = out->ops.n < JOURNAL_TEXT_OPS_MAX ? read_op(&text, out)
                                                      : JOURNAL_TEXT_E_DAMAGED;

        return r ? r : check_end(whole, n, out);
}
