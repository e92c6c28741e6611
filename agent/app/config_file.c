/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_file.h"

#include "base/vec.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libeconf.h>
#include <libeconf_ext.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLANKS " \t"

/* The walk through one file. */
struct walk {
        const char *path;
        size_t line;
        int fd;        /* of a copy without comments, once all was walked; -1 */
        char *section; /* NULL before the first */
        VEC(struct config_entry) entries;
        char **out_fault;
};

static int PRINTF(3, 4) refuse(const struct walk *walk, size_t line, const char *format, ...)
{
        CLEANUP(freep) char *reason = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&reason, format, arguments);
        va_end(arguments);
        if (n < 0) {
                reason = NULL;
                return -ENOMEM;
        }

        if (line)
                n = asprintf(walk->out_fault, "%s:%zu: %s", walk->path, line, reason);
        else
                n = asprintf(walk->out_fault, "%s: %s", walk->path, reason);
        return n < 0 ? -ENOMEM : CONFIG_FILE_E_INVALID;
}

/* -- walking ---------------------------------------------------------------------------------- */

static const struct config_entry *find(const struct walk *walk, const char *section,
                                       const char *key)
{
        for (size_t i = 0; i < walk->entries.n; i++) {
                const struct config_entry *entry = &walk->entries.items[i];

                if (strcmp(entry->section, section) != 0)
                        continue;
                if (key ? entry->key && !strcmp(entry->key, key) : !entry->key)
                        return entry;
        }

        return NULL;
}

static int add(struct walk *walk, const char *key)
{
        struct config_entry entry = { .line = walk->line };
        int r;

        entry.section = strdup(walk->section);
        entry.key = key ? strdup(key) : NULL;
        r = entry.section && (entry.key || !key) ? VEC_PUSH(&walk->entries, entry) : -ENOMEM;
        if (r) {
                free(entry.section);
                free(entry.key);
        }
        return r;
}

static int walk_header(struct walk *walk, char *text)
{
        size_t n = strlen(text);
        const struct config_entry *before;

        if (n < 3 || text[n - 1] != ']' || strcspn(text + 1, "[]") != n - 2 ||
            strchr(BLANKS, text[1]) || strchr(BLANKS, text[n - 2]))
                return refuse(walk, walk->line, "no section such as [Agent]: %.64s", text);

        text[n - 1] = '\0';
        before = find(walk, text + 1, NULL);
        if (before)
                return refuse(walk, walk->line, "section [%.64s] was there in line %zu already",
                              text + 1, before->line);

        free(walk->section);
        walk->section = strdup(text + 1);
        return walk->section ? add(walk, NULL) : -ENOMEM;
}

static int walk_key(struct walk *walk, char *text)
{
        char *sign = strchr(text, '=');
        const struct config_entry *before;
        size_t n_key;

        if (!sign)
                return refuse(walk, walk->line,
                              "neither a section, nor KEY=VALUE, nor a comment: %.64s", text);
        if (!walk->section)
                return refuse(walk, walk->line, "a key before the first section");
        if (strpbrk(sign, "\"'\\#"))
                return refuse(walk, walk->line, "a value has no quotes, no \\ and no #");

        *sign = '\0';
        n_key = strcspn(text, BLANKS);
        if (n_key == 0 || text[n_key + strspn(text + n_key, BLANKS)])
                return refuse(walk, walk->line, "a key is one word");

        text[n_key] = '\0';
        before = find(walk, walk->section, text);
        if (before)
                return refuse(walk, walk->line, "%.64s= was there in line %zu already", text,
                              before->line);

        return add(walk, text);
}

static int walk_line(struct walk *walk, char *line)
{
        size_t n = strlen(line);

        for (size_t i = 0; i < n; i++)
                if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
                        return refuse(walk, walk->line, "a control character");

        while (n > 0 && strchr(BLANKS, line[n - 1]))
                line[--n] = '\0';
        line += strspn(line, BLANKS);
        if (!line[0] || line[0] == '#')
                return 0;

        return line[0] == '[' ? walk_header(walk, line) : walk_key(walk, line);
}

static int walk_text(struct walk *walk, char *text, size_t n)
{
        char *end = text + n;
        int r = 0;

        if (memchr(text, '\0', n))
                return refuse(walk, 0, "is no text");

        while (text < end && !r) {
                char *next = strchr(text, '\n');

                if (next)
                        *next = '\0';
                walk->line++;
                r = walk_line(walk, text);
                text = next ? next + 1 : end;
        }

        return r;
}

/* -- reading ---------------------------------------------------------------------------------- */

/* Return: 0, an errno, or E2BIG; @out ends with a NUL */
static int read_text(int fd, char **out, size_t *out_n)
{
        CLEANUP(freep) char *text = malloc(CONFIG_FILE_MAX_BYTES + 1);
        struct stat stat;
        size_t n = 0;
        ssize_t n_read = 1;

        if (!text)
                return ENOMEM;
        if (fstat(fd, &stat) < 0)
                return errno;
        if (!S_ISREG(stat.st_mode))
                return S_ISDIR(stat.st_mode) ? EISDIR : EINVAL;

        while (n_read > 0 && n <= CONFIG_FILE_MAX_BYTES) {
                n_read = read(fd, text + n, CONFIG_FILE_MAX_BYTES + 1 - n);
                if (n_read < 0)
                        return errno;
                n += (size_t)n_read;
        }
        if (n > CONFIG_FILE_MAX_BYTES)
                return E2BIG;

        text[n] = '\0';
        *out = TAKE(text);
        *out_n = n;
        return 0;
}

/*
 * What libeconf is given: of a comment and of blanks an empty line. It takes some comments for keys, such as one that
 * holds a second "#", and blanks for more of the value above.
 */
static size_t empty_lines(char *text, size_t n)
{
        char *end = text + n, *to = text;

        for (char *line = text, *next; line < end; line = next) {
                char first = line[strspn(line, BLANKS)];

                next = line + strcspn(line, "\n");
                if (first != '#' && first != '\n' && first != '\0') {
                        memmove(to, line, (size_t)(next - line));
                        to += next - line;
                }
                if (next < end)
                        *to++ = '\n';
                next++;
        }
        return (size_t)(to - text);
}

/* Return: a file of that text, which ends with its descriptor; or a negative errno */
static int make_file(const char *text, size_t n)
{
        int fd = memfd_create("settings", MFD_CLOEXEC);

        if (fd < 0)
                return -errno;

        while (n > 0) {
                ssize_t n_written = write(fd, text, n);

                if (n_written < 0) {
                        int r = -errno;

                        close(fd);
                        return r;
                }
                text += n_written;
                n -= (size_t)n_written;
        }
        return fd;
}

/* The text is walked, which leaves nothing of it, after a copy without its comments was made for libeconf. */
static int walk_and_copy(struct walk *walk, char *text, size_t n)
{
        CLEANUP(freep) char *copy = malloc(n + 1);
        int r;

        if (!copy)
                return -ENOMEM;

        memcpy(copy, text, n + 1);
        r = walk_text(walk, text, n);
        if (r)
                return r;

        r = make_file(copy, empty_lines(copy, n));
        if (r < 0)
                return r == -ENOMEM ? -ENOMEM : refuse(walk, 0, "%s", strerror(-r));

        walk->fd = r;
        return 0;
}

static int walk_file(struct walk *walk)
{
        CLEANUP(freep) char *text = NULL;
        size_t n = 0;
        int fd, r;

        fd = open(walk->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
                return errno == ENOENT ? CONFIG_FILE_E_ABSENT
                                       : refuse(walk, 0, "%s", strerror(errno));

        r = read_text(fd, &text, &n);
        close(fd);
        if (r)
                return r == ENOMEM ? -ENOMEM : refuse(walk, 0, "%s", strerror(r));

        return walk_and_copy(walk, text, n);
}

/* What libeconf says of one key, provided that it means the same line. */
static int take_value(const struct walk *walk, econf_file *file, struct config_entry *entry)
{
        struct econf_ext_value *value = NULL;
        int r = 0;

        if (econf_getExtValue(file, entry->section, entry->key, &value) != ECONF_SUCCESS)
                return refuse(walk, entry->line, "cannot be read");

        if (value->line_number != entry->line ||
            (value->values && value->values[0] && value->values[1])) {
                r = refuse(walk, entry->line, "cannot be read");
        } else {
                entry->value = strdup(value->values && value->values[0] ? value->values[0] : "");
                r = entry->value ? 0 : -ENOMEM;
        }
        econf_freeExtValue(value);
        return r;
}

static int take_values(struct walk *walk)
{
        econf_file *file = NULL;
        econf_err error;
        char path[64];
        int r = 0;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", walk->fd);
        errno = 0; /* to libeconf, a file that it has no memory to open does not exist */
        error = econf_readFile(&file, path, "=", "#");
        if (error != ECONF_SUCCESS && (error == ECONF_NOMEM || errno == ENOMEM))
                return -ENOMEM;
        if (error != ECONF_SUCCESS)
                return refuse(walk, 0, "%s", econf_errString(error));

        for (size_t i = 0; i < walk->entries.n && !r; i++)
                if (walk->entries.items[i].key)
                        r = take_value(walk, file, &walk->entries.items[i]);

        econf_freeFile(file);
        return r;
}

struct config_file *config_file_free(struct config_file *file)
{
        if (!file)
                return NULL;

        for (size_t i = 0; i < file->n_entries; i++) {
                free(file->entries[i].section);
                free(file->entries[i].key);
                free(file->entries[i].value);
        }
        free(file->entries);
        free(file->path);
        free(file);
        return NULL;
}

int config_file_read(const char *path, struct config_file **out, char **out_fault)
{
        CLEANUP(config_file_freep) struct config_file *file = calloc(1, sizeof(*file));
        struct walk walk = { .path = path, .fd = -1, .out_fault = out_fault };
        int r;

        if (!file)
                return -ENOMEM;

        r = walk_file(&walk);
        if (!r && walk.entries.n > 0)
                r = take_values(&walk);

        if (walk.fd >= 0)
                close(walk.fd);
        free(walk.section);
        file->entries = walk.entries.items;
        file->n_entries = walk.entries.n;
        file->path = strdup(path);
        if (r)
                return r;
        if (!file->path)
                return -ENOMEM;

        *out = TAKE(file);
        return 0;
}
