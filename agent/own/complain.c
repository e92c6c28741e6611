/* SPDX-License-Identifier: Apache-2.0 */
#include "own/complain.h"

#include "own/verb.h"
#include "proto/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* C0, DEL, and C1 as UTF-8 has it. */
static bool is_control(const unsigned char *text, size_t n)
{
        return (n == 1 && (*text < ' ' || *text == 0x7f)) ||
               (n == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

void print_text(FILE *file, const char *text)
{
        size_t n_text = strlen(text);

        while (n_text) {
                size_t n = utf8_length(text, n_text);

                if (n && !is_control((const unsigned char *)text, n))
                        fwrite(text, 1, n, file);
                else
                        fputc('?', file);
                n = n ? n : 1;
                text += n;
                n_text -= n;
        }
}

static PRINTF(2, 0) void print_line(const char *start, const char *format, va_list args)
{
        CLEANUP(freep) char *text = NULL;

        if (vasprintf(&text, format, args) < 0)
                text = NULL;
        fputs(start, stderr);
        print_text(stderr, text ? text : "out of memory");
}

int complain(int code, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        print_line("uatrust: ", format, args);
        va_end(args);
        fputc('\n', stderr);
        return code;
}

int complain_usage(const char *verb, const char *format, ...)
{
        va_list args;

        fputs(verb, stderr);
        va_start(args, format);
        print_line(": ", format, args);
        va_end(args);
        fprintf(stderr, "; see: %s --help\n", verb);
        return VERB_EXIT_USAGE;
}

int complain_code(int error)
{
        switch (error) {
        case ENOENT:
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG:
                return VERB_EXIT_NO_INPUT;
        case EEXIST:
                return VERB_EXIT_CREATE;
        case EACCES:
        case EPERM:
        case EROFS:
                return VERB_EXIT_DENIED;
        case EIO:
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
                return VERB_EXIT_OUTPUT;
        default:
                return VERB_EXIT_SYSTEM;
        }
}

int complain_file(const char *path, int error)
{
        return complain(complain_code(error), "%s: %s", path, strerror(error));
}

void complain_warn(const char *format, ...)
{
        va_list args;

        va_start(args, format);
        print_line("uatrust: warning: ", format, args);
        va_end(args);
        fputc('\n', stderr);
}
