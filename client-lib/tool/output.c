/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <fcntl.h>
#include <inttypes.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Where one is closed, nothing else shall take its place; what is written there fails. */
static void occupy_standard_fds(void)
{
        int fd = open("/dev/null", O_RDONLY);

        while (fd >= 0 && fd <= STDERR_FILENO)
                fd = open("/dev/null", O_RDONLY);
        if (fd >= 0)
                close(fd);
}

void output_init(void)
{
        occupy_standard_fds();
        setlocale(LC_CTYPE, "");
}

bool output_has_unicode(void)
{
        return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static bool has_colour(void)
{
        const char *no_colour = getenv("NO_COLOR");
        const char *kind = getenv("TERM");

        return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && kind && strcmp(kind, "dumb");
}

void output_colour(enum output_colour colour)
{
        static const char *const sequences[] = {
                [OUTPUT_PLAIN] = "\033[0m", [OUTPUT_GOOD] = "\033[32m", [OUTPUT_BAD] = "\033[1;31m",
                [OUTPUT_WARN] = "\033[33m", [OUTPUT_FAINT] = "\033[2m", [OUTPUT_BOLD] = "\033[1m",
        };

        if (has_colour())
                fputs(sequences[colour], stdout);
}

/* Return: 0 if it is no terminal, so that there is no limit. */
static size_t terminal_columns(void)
{
        const char *columns = getenv("COLUMNS");
        unsigned long n = columns ? strtoul(columns, NULL, 10) : 0;
        struct winsize size;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
                return 0;
        return n ? n : size.ws_col;
}

/*
 * Characters. Where the bytes are not what the locale says, each stands for itself.
 */

/* Not what moves the cursor, ends the line, or turns it around. */
static bool may_be_shown(wchar_t c)
{
        return wcwidth(c) >= 0 && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
               c != 0x200e && c != 0x200f && c != 0x061c;
}

/* @out: the next character, "?" for what is not to be shown; Return: its bytes, at least 1. */
static size_t next_character(const char *text, wchar_t *out)
{
        mbstate_t state = { 0 };
        size_t n = mbrtowc(out, text, strlen(text), &state);

        if (n == (size_t)-1 || n == (size_t)-2 || !may_be_shown(*out))
                *out = L'?';
        return n && n <= MB_LEN_MAX ? n : 1;
}

/* Of what is printed for it; ideographs take two. */
static size_t character_width(wchar_t c)
{
        return (size_t)wcwidth(c);
}

static size_t text_width(const char *text)
{
        size_t width = 0;

        while (*text) {
                wchar_t c;

                text += next_character(text, &c);
                width += character_width(c);
        }
        return width;
}

/* In at most @width columns; what is left out shows as "~" at the end. Return: how many it were. */
static size_t print_cut(FILE *file, const char *text, size_t width)
{
        bool is_cut = text_width(text) > width;
        size_t n = 0;

        while (*text) {
                wchar_t c;
                size_t n_bytes = next_character(text, &c);

                if (n + character_width(c) + is_cut > width)
                        break;
                if (c == L'?')
                        fputc('?', file);
                else
                        fwrite(text, 1, n_bytes, file);
                text += n_bytes;
                n += character_width(c);
        }
        if (is_cut && width)
                fputc('~', file);
        return n + (is_cut && width);
}

void output_text(FILE *file, const char *text)
{
        print_cut(file, text, SIZE_MAX / 2);
}

void output_json_string(const char *text)
{
        locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        locale_t users = uselocale(utf8);

        putchar('"');
        while (*text) {
                wchar_t c;
                size_t n_bytes = next_character(text, &c);

                if (*text == '"' || *text == '\\')
                        printf("\\%c", *text);
                else if ((unsigned char)*text < 0x20)
                        printf("\\u%04x", (unsigned int)*text);
                else if (n_bytes == 1 && (unsigned char)*text >= 0x80)
                        putchar('?');
                else
                        fwrite(text, 1, n_bytes, stdout);
                text += n_bytes;
        }
        putchar('"');
        uselocale(users);
        if (utf8)
                freelocale(utf8);
}

void output_json(char *json)
{
        fputs(json ? json : "null", stdout);
        free(json);
}

const char *output_time(int64_t time_s, char out[32])
{
        time_t moment = (time_t)time_s;
        struct tm broken_down;

        if (!gmtime_r(&moment, &broken_down) ||
            !strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &broken_down))
                snprintf(out, 32, "%" PRId64, time_s);
        return out;
}

/*
 * Tables.
 */

void output_table_add(struct output_table *table, const char *text)
{
        char **grown = reallocarray(table->cells, table->n_cells + 1, sizeof(*grown));
        char *copy = strdup(text);

        if (grown)
                table->cells = grown;
        if (!grown || !copy) {
                table->has_failed = true;
                free(copy);
                return;
        }
        table->cells[table->n_cells++] = copy;
}

void output_table_add_number(struct output_table *table, int64_t number)
{
        char text[24];

        snprintf(text, sizeof(text), "%" PRId64, number);
        output_table_add(table, text);
}

/*
 * The widest column gives way first, then of the narrow ones the last: the short digits of a
 * thumbprint stay whole. None gets narrower than two.
 */
#define COLUMN_WIDTH_MIN    2
#define COLUMN_WIDTH_NARROW 8

static size_t find_giving(const struct output_table *table, const size_t *widths)
{
        size_t giving = 0;

        for (size_t i = 1; i < table->n_columns; i++)
                if (widths[i] >= widths[giving] ||
                    (widths[giving] <= COLUMN_WIDTH_NARROW && widths[i] > COLUMN_WIDTH_MIN))
                        giving = i;
        return giving;
}

static void measure(const struct output_table *table, size_t widths[OUTPUT_COLUMNS_MAX])
{
        size_t room = terminal_columns();
        size_t sum = 2 * (table->n_columns - 1);

        for (size_t i = 0; i < table->n_cells; i++) {
                size_t *width = &widths[i % table->n_columns];
                size_t n = text_width(table->cells[i]);

                *width = n > *width ? n : *width;
        }
        for (size_t i = 0; i < table->n_columns; i++)
                sum += widths[i];

        while (room && sum > room) {
                size_t *width = &widths[find_giving(table, widths)];

                if (*width <= COLUMN_WIDTH_MIN)
                        break;
                (*width)--;
                sum--;
        }
}

static void print_row(const struct output_table *table, char *const *cells,
                      const size_t widths[OUTPUT_COLUMNS_MAX])
{
        for (size_t i = 0; i < table->n_columns; i++) {
                size_t n = print_cut(stdout, cells[i], widths[i]);

                if (i + 1 < table->n_columns)
                        printf("%*s", (int)(widths[i] - n + 2), "");
        }
        putchar('\n');
}

void output_table_print(struct output_table *table)
{
        size_t widths[OUTPUT_COLUMNS_MAX] = { 0 };

        if (table->has_failed)
                fputs("uatrust: out of memory: the table is not complete\n", stderr);

        measure(table, widths);
        for (size_t i = 0; i + table->n_columns <= table->n_cells; i += table->n_columns) {
                output_colour(i ? OUTPUT_PLAIN : OUTPUT_BOLD);
                print_row(table, table->cells + i, widths);
        }
        output_colour(OUTPUT_PLAIN);

        for (size_t i = 0; i < table->n_cells; i++)
                free(table->cells[i]);
        free(table->cells);
        *table = (struct output_table){ 0 };
}
