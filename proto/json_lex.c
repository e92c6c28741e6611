/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json_lex.h"

#include "proto/compiler.h"
#include "proto/hex.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct scanner {
        const char *at, *end;
        char before; /* how the token before began; blanks are none */
        struct json_lex_count count;
};

static bool is_next(const struct scanner *scanner, char c)
{
        return scanner->at < scanner->end && *scanner->at == c;
}

static bool skip(struct scanner *scanner, char c)
{
        if (!is_next(scanner, c))
                return false;
        scanner->at++;
        return true;
}

static bool skip_digits(struct scanner *scanner)
{
        const char *start = scanner->at;

        while (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9')
                scanner->at++;
        return scanner->at > start;
}

/* -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static const char *check_number(struct scanner *scanner)
{
        static const char *const fault = "holds a malformed number";

        skip(scanner, '-');
        if (is_next(scanner, '0'))
                scanner->at++;
        else if (!skip_digits(scanner))
                return fault;
        if (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9')
                return fault;

        if (skip(scanner, '.') && !skip_digits(scanner))
                return fault;

        if (skip(scanner, 'e') || skip(scanner, 'E')) {
                if (!skip(scanner, '+'))
                        skip(scanner, '-');
                if (!skip_digits(scanner))
                        return fault;
        }
        return NULL;
}

static const char *check_word(struct scanner *scanner)
{
        static const char *const words[] = { "true", "false", "null" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                size_t n = strlen(words[i]);

                if ((size_t)(scanner->end - scanner->at) >= n &&
                    !memcmp(scanner->at, words[i], n)) {
                        scanner->at += n;
                        return NULL;
                }
        }
        return "is no JSON";
}

/* Past what means nothing special in a string. Eight at a time: most of a request is one long string. */
static void skip_plain(struct scanner *scanner)
{
        const char *at = scanner->at, *end = scanner->end;

        while (end - at >= 8) {
                const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
                uint64_t eight, quotes, slashes;

                memcpy(&eight, at, sizeof(eight));
                quotes = eight ^ ones * '"';
                slashes = eight ^ ones * '\\';
                /* A high bit if any byte is a quote, a backslash, below 0x20 or above 0x7f. */
                if ((((quotes - ones) | (slashes - ones) | (eight - ones * 0x20)) | eight) & highs)
                        break;
                at += 8;
        }
        while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
                at++;
        scanner->at = at;
}

/* The four digits of an escape such as \u0041; -1 if it is none. */
static int peek_unit(const struct scanner *scanner)
{
        uint8_t unit[2];

        if (scanner->end - scanner->at < 5 || scanner->at[0] != 'u' ||
            hex_decode(scanner->at + 1, 4, unit) < 0)
                return -1;

        return unit[0] << 8 | unit[1];
}

/* How many bytes of UTF-8 an escape of @unit stands for; a surrogate without its other half is U+FFFD to json-c. */
static size_t unit_bytes(struct scanner *scanner, int unit)
{
        const struct scanner before = *scanner;
        int low;

        if (unit < 0x80)
                return 1;
        if (unit < 0x800)
                return 2;
        if (unit < 0xd800 || unit > 0xdbff || !skip(scanner, '\\'))
                return 3;

        low = peek_unit(scanner);
        if (low >= 0xdc00 && low <= 0xdfff) {
                scanner->at += 5;
                return 4;
        }
        *scanner = before;
        return 3;
}

/* After the backslash. Which escapes there are is json-c's business, but for the one that hides a NUL. */
static const char *check_escape(struct scanner *scanner)
{
        int unit = peek_unit(scanner);

        if (unit == 0)
                return "holds \\u0000";
        if (unit > 0) {
                scanner->at += 5;
                scanner->count.n_text_bytes += unit_bytes(scanner, unit);
        } else if (scanner->at < scanner->end) {
                scanner->at++;
                scanner->count.n_text_bytes++;
        }
        return NULL;
}

/* After the opening quote. */
static const char *check_string(struct scanner *scanner)
{
        const char *fault = NULL;

        while (!fault) {
                const char *start = scanner->at;

                skip_plain(scanner);
                scanner->count.n_text_bytes += (size_t)(scanner->at - start);
                if (scanner->at == scanner->end)
                        return "ends inside a string";
                if (skip(scanner, '"'))
                        return NULL;
                if (!skip(scanner, '\\'))
                        return "holds a raw control character in a string";
                fault = check_escape(scanner);
        }
        return fault;
}

static const char *check_token(struct scanner *scanner)
{
        const char before = scanner->before;

        scanner->before = *scanner->at;
        switch (*scanner->at) {
        case ' ':
        case '\t':
        case '\n':
        case '\r':
                scanner->before = before;
                scanner->at++;
                return NULL;
        case '}':
        case ']':
                scanner->at++;
                return before == ',' ? "is no JSON" : NULL;
        case ':':
                scanner->count.n_members++;
                /* fall through */
        case '{':
        case '[':
        case ',':
                scanner->at++;
                return NULL;
        case '"':
                scanner->at++;
                return check_string(scanner);
        case 't':
        case 'f':
        case 'n':
                return check_word(scanner);
        default:
                if (*scanner->at == '-' || (*scanner->at >= '0' && *scanner->at <= '9'))
                        return check_number(scanner);
                return "is no JSON";
        }
}

const char *json_lex_check(const char *text, size_t n, size_t max_values,
                           struct json_lex_count *out)
{
        struct scanner scanner = { .at = text, .end = text + n };
        const char *fault = NULL;
        size_t n_commas = 0;

        /* All values but the first of each array and object come after a comma; nesting has a limit of its own. */
        while (!fault && scanner.at < scanner.end) {
                n_commas += *scanner.at == ',';
                fault = n_commas < max_values ? check_token(&scanner) : "holds too many values";
        }

        *out = scanner.count;
        return fault;
}
