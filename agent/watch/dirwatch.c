/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/dirwatch.h"

#include "base/fs.h"
#include "base/vec.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a directory on the way: what may make a name in it, or itself, lead elsewhere. */
#define MASK_WAY                                                                                   \
        (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |        \
         IN_MOVE_SELF)

/* Of the directory that the path leads to. */
#define MASK_GOAL (MASK_WAY | IN_MODIFY | IN_CLOSE_WRITE)

/* More of the same may follow these without any other sign: see is_being_written. */
#define MASK_UNFINISHED (IN_CREATE | IN_MODIFY)

/* The kernel's word that a directory is not where it was, or is watched no more. */
#define MASK_LOST (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)

/* One drain reads more than a queue holds by default (16,384 events), but not for ever. */
#define READ_BYTES 65536
#define READS_MAX  256

/* What an inotify watch is for; one watch may be for several directories and names. */
struct use {
        int wd;
        size_t dir;
        char *name;       /* the next step on the way; NULL: the directory itself */
        bool folds_names; /* so that another may be that step, too */
};

struct name {
        char *text;
        bool is_being_written;
};

struct dir {
        char *path;
        bool is_blind;
        bool is_lost;  /* the path is to be looked up again */
        bool is_whole; /* names would tell less than what happened */
        VEC(struct name) names;
};

struct dirwatch {
        int fd;
        VEC(struct dir) dirs;
        VEC(struct use) uses;
        char buffer[READ_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
};

/* Where the look-up of one path stands. */
struct walk {
        struct dirwatch *watch;
        size_t dir;
        int fd; /* the directory reached so far, O_PATH */
        unsigned int n_links;
        bool is_blind;       /* some of the way could not be watched */
        char rest[PATH_MAX]; /* what is to be looked up from there */
};

static void clear_names(struct dir *dir)
{
        for (size_t i = 0; i < dir->names.n; i++)
                free(dir->names.items[i].text);
        VEC_FREE(&dir->names);
}

static bool is_used(const struct dirwatch *watch, int wd)
{
        for (size_t i = 0; i < watch->uses.n; i++) {
                if (watch->uses.items[i].wd == wd)
                        return true;
        }
        return false;
}

/* Forget one directory's uses from @begin to @end; the kernel forgets what nobody uses then. */
static void drop_uses(struct dirwatch *watch, size_t dir, size_t begin, size_t end)
{
        size_t n_kept = 0;

        for (size_t i = begin; i < end; i++) {
                struct use *use = &watch->uses.items[i];
                int wd = use->wd;

                if (use->dir != dir)
                        continue;

                free(use->name);
                use->wd = -1;
                if (!is_used(watch, wd))
                        inotify_rm_watch(watch->fd, wd);
        }

        for (size_t i = 0; i < watch->uses.n; i++) {
                if (watch->uses.items[i].wd >= 0)
                        watch->uses.items[n_kept++] = watch->uses.items[i];
        }
        watch->uses.n = n_kept;
}

/* Watch the very directory reached, whatever its path leads to by now. */
static int watch_here(struct walk *walk, uint32_t mask, const char *name)
{
        struct use use = { .dir = walk->dir, .folds_names = fs_folds_names(walk->fd) };
        char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
        int r;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", walk->fd);
        use.wd = inotify_add_watch(walk->watch->fd, path, mask | IN_MASK_ADD | IN_ONLYDIR);
        if (use.wd < 0)
                return -errno;

        use.name = name ? strdup(name) : NULL;
        r = name && !use.name ? -ENOMEM : VEC_PUSH(&walk->watch->uses, use);
        if (r < 0) {
                free(use.name);
                if (!is_used(walk->watch, use.wd))
                        inotify_rm_watch(walk->watch->fd, use.wd);
        }

        return r;
}

/* Cuts the first name off walk->rest. Return: false if nothing but slashes was left. */
static bool next_name(struct walk *walk, char out[PATH_MAX])
{
        const char *start = walk->rest + strspn(walk->rest, "/");
        size_t n = strcspn(start, "/");

        if (n == 0)
                return false;

        memcpy(out, start, n);
        out[n] = '\0';
        memmove(walk->rest, start + n, strlen(start + n) + 1);
        return true;
}

static void enter(struct walk *walk, int fd)
{
        close(walk->fd);
        walk->fd = fd;
}

/* Puts the link's target before what is left to look up. */
static int follow(struct walk *walk, int link_fd)
{
        char rest[PATH_MAX];
        size_t n_rest = strlen(walk->rest) + 1;
        ssize_t n;
        int fd;

        if (++walk->n_links > DIRWATCH_LINKS_MAX)
                return -ELOOP;

        n = readlinkat(link_fd, "", rest, sizeof(rest));
        if (n < 0)
                return -errno;
        if ((size_t)n + n_rest > sizeof(rest))
                return -ENAMETOOLONG;

        memcpy(rest + n, walk->rest, n_rest);
        memcpy(walk->rest, rest, (size_t)n + n_rest);
        if (rest[0] != '/')
                return 0;

        fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        enter(walk, fd);
        return 0;
}

enum {
        WALK_END = 1, /* nothing, or no directory, has the name */
};

/* One step down. Return: 0, WALK_END if nothing is there to go on from, -errno if unknown. */
static int take_step(struct walk *walk, const char *name)
{
        struct stat st;
        int fd, r = 0;

        fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT || errno == ENAMETOOLONG ? WALK_END : -errno;

        if (fstat(fd, &st) < 0) {
                r = -errno;
        } else if (S_ISDIR(st.st_mode)) {
                enter(walk, fd);
                return 0;
        } else {
                r = S_ISLNK(st.st_mode) ? follow(walk, fd) : WALK_END;
        }

        close(fd);
        return r;
}

/* Watch what was reached. Return: as watch_here(), only where it is about us. */
static int arm_here(struct walk *walk, uint32_t mask, const char *name)
{
        int r = watch_here(walk, mask, name);

        if (r < 0 && fs_is_about_us(-r))
                return r;

        if (r < 0 || !fs_is_local(walk->fd))
                walk->is_blind = true;
        return 0;
}

/*
 * Each directory is watched before a name in it is looked up: a change after that is told. Where
 * one cannot be, the walk goes on all the same, as far as it leads. Return: 0, WALK_END, or -errno.
 */
static int walk_path(struct walk *walk)
{
        char name[PATH_MAX];
        int r = 0;

        while (!r && next_name(walk, name)) {
                r = arm_here(walk, MASK_WAY, name);
                if (!r)
                        r = take_step(walk, name);
        }

        return r ? r : arm_here(walk, MASK_GOAL, NULL);
}

static void note_lost(struct dir *dir)
{
        dir->is_lost = true;
        dir->is_whole = true;
}

/* What was watched before stays so until all that is to be watched now is; on failure just that. */
static int rearm(struct dirwatch *watch, size_t dir)
{
        struct dir *d = &watch->dirs.items[dir];
        struct walk walk = { .watch = watch, .dir = dir };
        size_t n_old = watch->uses.n;
        int r;

        memcpy(walk.rest, d->path, strlen(d->path) + 1);
        walk.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = walk.fd < 0 ? -errno : walk_path(&walk);
        if (walk.fd >= 0)
                close(walk.fd);
        if (r < 0 && fs_is_about_us(-r)) {
                drop_uses(watch, dir, n_old, watch->uses.n);
                note_lost(d);
                return r;
        }

        d->is_blind = walk.is_blind || r < 0;
        d->is_lost = false;
        drop_uses(watch, dir, 0, n_old);
        return 0;
}

/* A name that cannot be kept makes the directory a whole one: nothing is lost. */
static void note_name(struct dir *dir, const char *text, bool is_being_written)
{
        struct name name = { .is_being_written = is_being_written };

        if (dir->is_whole)
                return;

        /* Events of one file come in rows: the last names first. */
        for (size_t i = dir->names.n; i-- > 0;) {
                struct name *known = &dir->names.items[i];

                if (strcmp(known->text, text) == 0) {
                        known->is_being_written = is_being_written;
                        return;
                }
        }

        name.text = dir->names.n < DIRWATCH_NAMES_MAX ? strdup(text) : NULL;
        if (!name.text || VEC_PUSH(&dir->names, name) < 0) {
                free(name.text);
                dir->is_whole = true;
        }
}

static void note_event(struct dirwatch *watch, const struct inotify_event *event)
{
        const char *text = event->len > 0 ? event->name : NULL;

        if (event->mask & IN_Q_OVERFLOW) {
                for (size_t i = 0; i < watch->dirs.n; i++)
                        note_lost(&watch->dirs.items[i]);
                return;
        }

        for (size_t i = 0; i < watch->uses.n; i++) {
                const struct use *use = &watch->uses.items[i];
                struct dir *dir = &watch->dirs.items[use->dir];

                if (use->wd != event->wd)
                        continue;

                /* Without a name it is about the directory itself: its permissions, its links. */
                if (!text || (event->mask & MASK_LOST))
                        note_lost(dir);
                else if (!use->name)
                        note_name(dir, text, !(event->mask & ~(uint32_t)MASK_UNFINISHED));
                else if (use->folds_names || strcmp(use->name, text) == 0)
                        note_lost(dir);
        }
}

static void note_events(struct dirwatch *watch, size_t n_bytes)
{
        size_t at = 0;

        while (at < n_bytes) {
                const struct inotify_event *event = (const void *)(watch->buffer + at);

                note_event(watch, event);
                at += sizeof(*event) + event->len;
        }
}

static size_t count_events(const struct dirwatch *watch)
{
        size_t n = 0;

        for (size_t i = 0; i < watch->dirs.n; i++)
                n += watch->dirs.items[i].is_whole ? 1 : watch->dirs.items[i].names.n;

        return n;
}

/* Hands over what was noted; @items has room for it. */
static void take_events(struct dirwatch *watch, struct dirwatch_event *items)
{
        for (size_t i = 0; i < watch->dirs.n; i++) {
                struct dir *dir = &watch->dirs.items[i];

                if (dir->is_whole)
                        *items++ = (struct dirwatch_event){ .dir = i };

                for (size_t k = 0; k < dir->names.n; k++) {
                        struct name *name = &dir->names.items[k];

                        if (!dir->is_whole)
                                *items++ = (struct dirwatch_event){
                                        .dir = i,
                                        .name = TAKE(name->text),
                                        .is_being_written = name->is_being_written,
                                };
                }

                clear_names(dir);
                dir->is_whole = false;
        }
}

int dirwatch_new(struct dirwatch **out)
{
        CLEANUP(dirwatch_freep) struct dirwatch *watch = NULL;

        watch = calloc(1, sizeof(*watch));
        if (!watch)
                return -ENOMEM;

        watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (watch->fd < 0)
                return -errno;

        *out = TAKE(watch);
        return 0;
}

struct dirwatch *dirwatch_free(struct dirwatch *watch)
{
        if (!watch)
                return NULL;

        if (watch->fd >= 0)
                close(watch->fd);

        for (size_t i = 0; i < watch->dirs.n; i++) {
                clear_names(&watch->dirs.items[i]);
                free(watch->dirs.items[i].path);
        }
        VEC_FREE(&watch->dirs);

        for (size_t i = 0; i < watch->uses.n; i++)
                free(watch->uses.items[i].name);
        VEC_FREE(&watch->uses);

        free(watch);
        return NULL;
}

int dirwatch_get_fd(const struct dirwatch *watch)
{
        return watch->fd;
}

int dirwatch_add(struct dirwatch *watch, const char *path, size_t *out_dir)
{
        struct dir dir = { 0 };
        int r;

        assert(path[0] == '/');
        if (strlen(path) >= PATH_MAX)
                return -ENAMETOOLONG;

        dir.path = strdup(path);
        if (!dir.path)
                return -ENOMEM;

        r = VEC_PUSH(&watch->dirs, dir);
        if (r < 0) {
                free(dir.path);
                return r;
        }

        r = rearm(watch, watch->dirs.n - 1);
        if (r < 0) {
                watch->dirs.n--;
                free(dir.path);
                return r;
        }

        *out_dir = watch->dirs.n - 1;
        return 0;
}

static void read_events(struct dirwatch *watch)
{
        for (unsigned int i = 0; i < READS_MAX; i++) {
                ssize_t n = read(watch->fd, watch->buffer, sizeof(watch->buffer));

                if (n <= 0)
                        return;
                note_events(watch, (size_t)n);
        }
}

bool dirwatch_peek(struct dirwatch *watch)
{
        read_events(watch);
        return count_events(watch) > 0;
}

int dirwatch_drain(struct dirwatch *watch, struct dirwatch_events *out)
{
        struct dirwatch_events events = { 0 };
        int r = 0;

        read_events(watch);
        for (size_t i = 0; !r && i < watch->dirs.n; i++) {
                if (watch->dirs.items[i].is_lost)
                        r = rearm(watch, i);
        }
        if (r < 0)
                return r;

        events.n = count_events(watch);
        if (events.n > 0) {
                events.items = calloc(events.n, sizeof(*events.items));
                if (!events.items)
                        return -ENOMEM;
                take_events(watch, events.items);
        }

        *out = events;
        return 0;
}

int dirwatch_rearm(struct dirwatch *watch)
{
        int r = 0;

        for (size_t i = 0; i < watch->dirs.n; i++) {
                if (r < 0)
                        note_lost(&watch->dirs.items[i]);
                else
                        r = rearm(watch, i);
        }
        return r;
}

bool dirwatch_is_blind(const struct dirwatch *watch)
{
        for (size_t i = 0; i < watch->dirs.n; i++) {
                if (watch->dirs.items[i].is_blind)
                        return true;
        }
        return false;
}

void dirwatch_events_deinit(struct dirwatch_events *events)
{
        for (size_t i = 0; i < events->n; i++)
                free(events->items[i].name);
        free(events->items);
        *events = (struct dirwatch_events){ 0 };
}
