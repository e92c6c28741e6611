/* SPDX-License-Identifier: Apache-2.0 */
#include "own/secret.h"

#include "own/complain.h"
#include "own/verb.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CONTROL_C 3

void secret_deinit(struct secret *secret)
{
        if (secret->data)
                OPENSSL_cleanse(secret->data, secret->n);
        free(secret->data);
        *secret = (struct secret)SECRET_NULL;
}

int secret_copy(const void *data, size_t n, struct secret *out)
{
        uint8_t *copy = malloc(n + 1);

        if (!copy)
                return -ENOMEM;

        if (n)
                memcpy(copy, data, n);
        copy[n] = '\0';
        *out = (struct secret){ copy, n };
        return 0;
}

/* Into @room of @n_room bytes, until it is full or the end. Return: how many, or a negative errno. */
static ssize_t read_into(int fd, uint8_t *room, size_t n_room)
{
        size_t n = 0;

        while (n < n_room) {
                ssize_t r = read(fd, room + n, n_room - n);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                if (r == 0)
                        break;
                n += (size_t)r;
        }
        return (ssize_t)n;
}

/* The room is never grown, which would leave a copy behind. */
int secret_read_all(int fd, struct secret *out)
{
        CLEANUP(secret_deinit)
        struct secret room = { malloc(SECRET_FILE_MAX + 1), SECRET_FILE_MAX + 1 };
        ssize_t n;

        if (!room.data)
                return -ENOMEM;

        n = read_into(fd, room.data, room.n);
        if (n < 0)
                return (int)n;
        if (n > SECRET_FILE_MAX)
                return -EFBIG;
        return secret_copy(room.data, (size_t)n, out);
}

/* The first line of @n bytes, as a passphrase. */
static int take_line(const uint8_t *data, size_t n, const char *name, struct secret *out)
{
        const uint8_t *end = memchr(data, '\n', n);

        n = end ? (size_t)(end - data) : n;
        if (n && data[n - 1] == '\r')
                n--;
        if (!n)
                return complain(VERB_EXIT_DATA, "%s: the passphrase is empty", name);
        if (n > SECRET_PASSPHRASE_MAX)
                return complain(VERB_EXIT_DATA, "%s: the passphrase is longer than %d bytes", name,
                                SECRET_PASSPHRASE_MAX);
        if (memchr(data, '\0', n))
                return complain(VERB_EXIT_DATA, "%s: the passphrase holds a NUL", name);
        if (secret_copy(data, n, out))
                return complain(VERB_EXIT_SYSTEM, "out of memory");
        return 0;
}

int secret_read_passphrase(int fd, const char *name, struct secret *out)
{
        uint8_t line[SECRET_PASSPHRASE_MAX + 3]; /* one too long, and its end */
        ssize_t n = read_into(fd, line, sizeof(line));
        int r;

        if (n < 0)
                return complain_file(name, (int)-n);

        r = take_line(line, (size_t)n, name, out);
        OPENSSL_cleanse(line, sizeof(line));
        return r;
}

/* One line from the terminal, unseen. Signals wait, so that the echo comes back whatever happens. */
static int ask_once(FILE *terminal, const char *question, struct secret *out)
{
        uint8_t line[SECRET_PASSPHRASE_MAX + 3];
        struct termios seen, unseen;
        sigset_t all, before;
        size_t n = 0;
        int fd = fileno(terminal), r;

        if (tcgetattr(fd, &seen))
                return complain_file("/dev/tty", errno);

        unseen = seen;
        unseen.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
        unseen.c_cc[VEOL] = CONTROL_C; /* ends a line, too */
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, &before);
        tcsetattr(fd, TCSAFLUSH, &unseen);
        fprintf(terminal, "%s: ", question);

        while (n < sizeof(line) && read(fd, line + n, 1) == 1) {
                if (line[n] == '\n' || line[n] == CONTROL_C)
                        break;
                n++;
        }
        r = n < sizeof(line) && line[n] == CONTROL_C ? VERB_EXIT_USAGE : 0;

        tcsetattr(fd, TCSAFLUSH, &seen);
        sigprocmask(SIG_SETMASK, &before, NULL);
        fputc('\n', terminal);
        if (!r)
                r = take_line(line, n, "/dev/tty", out);
        else
                complain(r, "%s: interrupted", question);
        OPENSSL_cleanse(line, sizeof(line));
        return r;
}

static int ask_twice(FILE *terminal, const char *question, struct secret *out)
{
        CLEANUP(secret_deinit) struct secret first = SECRET_NULL;
        CLEANUP(secret_deinit) struct secret second = SECRET_NULL;
        int r = ask_once(terminal, question, &first);

        if (!r)
                r = ask_once(terminal, "again", &second);
        if (r)
                return r;
        if (!bytes_equal(secret_bytes(&first), secret_bytes(&second)))
                return complain(VERB_EXIT_USAGE, "%s: these were two different ones", question);

        *out = first;
        first = (struct secret)SECRET_NULL;
        return 0;
}

int secret_ask(const char *question, bool is_new, struct secret *out)
{
        FILE *terminal = fopen("/dev/tty", "r+e");
        int r;

        if (!terminal)
                return complain(VERB_EXIT_USAGE,
                                "%s: there is no terminal to ask at; give --passphrase-file",
                                question);

        setvbuf(terminal, NULL, _IONBF, 0);
        r = is_new ? ask_twice(terminal, question, out) : ask_once(terminal, question, out);
        fclose(terminal);
        return r;
}
