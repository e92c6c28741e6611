/* SPDX-License-Identifier: Apache-2.0 */
#include "app/clock_file.h"

#include "loop/work.h"
#include "service/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY CLOCK_FILE_NAME ".new"
#define LANE      UINT64_MAX /* no store has it */
#define TEXT_MAX  24

struct clock_file {
        const struct log *log;
        struct work *work;
        struct work_job *job; /* NULL: nothing is being written */
        char *folder;         /* NULL: none */
        int64_t known_s;      /* without the file */
        int64_t kept_s;       /* INT64_MIN: nothing */
        bool has_failed;      /* and was told of */
};

/* What a job works on. */
struct writing {
        struct clock_file *file; /* not to be touched if the job was cancelled */
        char *folder;
        int64_t at_least_s;
        int r;
};

static struct writing *writing_free(struct writing *writing)
{
        if (writing)
                free(writing->folder);
        free(writing);
        return NULL;
}

DEFINE_CLEANUP(struct writing *, writing_free)

static int close_fd(int fd, int r)
{
        if (fd >= 0 && close(fd) < 0 && !r)
                r = -errno;
        return r;
}

/*
 * -- reading ------------------------------------------------------------------------------------
 */

/* Return: bytes read, at most TEXT_MAX - 1 and with a NUL behind them, or a negative errno. */
static ssize_t read_text(const char *folder, char text[TEXT_MAX])
{
        char path[PATH_MAX];
        ssize_t n;
        int fd;

        if (snprintf(path, sizeof(path), "%s/" CLOCK_FILE_NAME, folder) >= (int)sizeof(path))
                return -ENAMETOOLONG;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
                return -errno;

        n = read(fd, text, TEXT_MAX - 1);
        if (n < 0)
                n = -errno;
        else
                text[n] = '\0';
        close(fd);
        return n;
}

static void read_kept(struct clock_file *file)
{
        char text[TEXT_MAX], *end;
        ssize_t n = read_text(file->folder, text);
        int64_t s;

        if (n == -ENOENT)
                return;

        errno = 0;
        s = n > 0 ? strtoll(text, &end, 10) : -1;
        if (n <= 0 || errno || s <= 0 || *end != '\n' || end + 1 != text + n)
                catalog_tell(file->log, CATALOG_CLOCK_FILE_FAILING, NULL,
                             "%s/" CLOCK_FILE_NAME " is passed over: %s", file->folder,
                             n < 0 ? strerror((int)-n) : "it holds no number of seconds");
        else
                file->kept_s = s;
}

/*
 * -- writing, on a worker -----------------------------------------------------------------------
 */

static int write_temporary(int folder_fd, int64_t at_least_s)
{
        char text[TEXT_MAX];
        int n = snprintf(text, sizeof(text), "%" PRId64 "\n", at_least_s);
        int fd, r = 0;

        fd = openat(folder_fd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    0644);
        if (fd < 0)
                return -errno;

        if (write(fd, text, (size_t)n) != n)
                r = -EIO;
        if (!r && fsync(fd) < 0)
                r = -errno;
        return close_fd(fd, r);
}

static int write_file(const char *folder, int64_t at_least_s)
{
        int folder_fd, r;

        folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0)
                return -errno;

        r = write_temporary(folder_fd, at_least_s);
        if (!r && renameat(folder_fd, TEMPORARY, folder_fd, CLOCK_FILE_NAME) < 0)
                r = -errno;
        if (!r && fsync(folder_fd) < 0)
                r = -errno;
        if (r)
                unlinkat(folder_fd, TEMPORARY, 0);
        close(folder_fd);
        return r;
}

static void on_run(void *userdata)
{
        struct writing *writing = userdata;

        writing->r = write_file(writing->folder, writing->at_least_s);
}

static void on_done(bool is_cancelled, void *userdata)
{
        CLEANUP(writing_freep) struct writing *writing = userdata;
        struct clock_file *file = writing->file;

        if (is_cancelled)
                return;

        file->job = NULL;
        if (writing->r && !file->has_failed)
                catalog_tell(file->log, CATALOG_CLOCK_FILE_FAILING, NULL,
                             "%s/" CLOCK_FILE_NAME " cannot be written: %s", file->folder,
                             strerror(-writing->r));
        file->has_failed = writing->r != 0;
}

/*
 * -- life ---------------------------------------------------------------------------------------
 */

int clock_file_new(const char *folder, int64_t at_least_s, struct work *work, const struct log *log,
                   struct clock_file **out)
{
        CLEANUP(clock_file_freep) struct clock_file *file = calloc(1, sizeof(*file));

        if (!file)
                return -ENOMEM;

        file->log = log;
        file->work = work;
        file->known_s = at_least_s;
        file->kept_s = INT64_MIN;
        file->folder = folder ? strdup(folder) : NULL;
        if (folder && !file->folder)
                return -ENOMEM;

        if (folder)
                read_kept(file);
        *out = TAKE(file);
        return 0;
}

struct clock_file *clock_file_free(struct clock_file *file)
{
        if (!file)
                return NULL;

        if (file->job)
                work_cancel(file->job);
        free(file->folder);
        free(file);
        return NULL;
}

int64_t clock_file_get_s(const struct clock_file *file)
{
        return file->kept_s > file->known_s ? file->kept_s : file->known_s;
}

static bool is_worth_it(const struct clock_file *file, int64_t at_least_s)
{
        return at_least_s > file->known_s &&
               (file->kept_s == INT64_MIN || at_least_s - CLOCK_FILE_STEP_S >= file->kept_s);
}

/* What could not be written is tried again when as much more is known. */
void clock_file_keep(struct clock_file *file, int64_t at_least_s)
{
        CLEANUP(writing_freep) struct writing *writing = NULL;
        struct work_task task = { .run = on_run, .done = on_done };

        if (!file->folder || file->job || !is_worth_it(file, at_least_s))
                return;

        writing = calloc(1, sizeof(*writing));
        if (!writing)
                return;
        writing->file = file;
        writing->at_least_s = at_least_s;
        writing->folder = strdup(file->folder);
        task.userdata = writing;
        if (!writing->folder || work_submit(file->work, LANE, &task, &file->job))
                return;

        (void)TAKE(writing);
        file->kept_s = at_least_s;
}
