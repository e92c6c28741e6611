/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Own - a key and its certificate are replaced, and that ends at any moment:
 *
 *      own steps
 *              the process ends at each system call by which it, or the recovery from it, changes
 *              the disk
 *      own refuse
 *              each of these calls fails once, or from then on: the disk is full, or broken
 *      own power
 *              the power is cut before each of these calls, and the end of what was not fsynced
 *              then is lost: every such disk is made, and recovered, and the power is cut again
 *              meanwhile
 *
 * After recovery the old pair or the new one is there, whole, and nothing else. Keys and
 * certificates are texts here: "key 7" belongs to "cert 7".
 */

#include "base/vec.h"
#include "faults/own_disk.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "own/swap.h"
#include "proto/compiler.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY  "app.pem"
#define CERT "app.der"

enum {
        NAMES_MAX = 8,
};

static const char *const dir_names[DIRS] = { "certs", "private" };

/*
 * -- deeds ---------------------------------------------------------------------------------------
 */

static struct bytes text_of(char room[32], const char *what, int k)
{
        int n = snprintf(room, 32, "%s %d", what, k);

        return (struct bytes){ (const uint8_t *)room, (size_t)n };
}

static int swap_both(int k)
{
        char key_text[32], cert_text[32];
        struct swap_file key = { scene.fds[KEYS], KEY, text_of(key_text, "key", k) };
        struct swap_file cert = { scene.fds[CERTS], CERT, text_of(cert_text, "cert", k) };
        const char *failed;

        return swap_pair(&key, &cert, &failed);
}

/* The same key, so the same number. */
static int swap_one(int k)
{
        char cert_text[32];
        struct swap_file cert = { scene.fds[CERTS], CERT, text_of(cert_text, "cert", k) };
        const char *failed;

        return swap_cert(&cert, &failed);
}

static int recover(int k)
{
        (void)k;
        return swap_recover(scene.fds[CERTS], scene.fds[KEYS]);
}

/* Return: 0 there is none, -1: it is damaged. */
static int read_number(int dir, const char *name, const char *what)
{
        char text[64], expected[64];
        int fd = __real_openat(scene.fds[dir], name, O_RDONLY | O_CLOEXEC), k;
        struct stat file;
        ssize_t n;

        if (fd < 0)
                return 0;
        n = read(fd, text, sizeof(text) - 1);
        must(n >= 0 && fstat(fd, &file) == 0, "read");
        must((file.st_mode & 07777) == (dir == KEYS ? 0600 : 0644), "mode of %s", name);
        close(fd);
        text[n] = '\0';
        k = n > (ssize_t)strlen(what) ? atoi(text + strlen(what)) : -1;
        snprintf(expected, sizeof(expected), "%s %d", what, k);
        return strcmp(text, expected) ? -1 : k;
}

static bool has_left(const char *prefix)
{
        bool has = false;

        for (int dir = 0; dir < DIRS; dir++) {
                int fd = __real_openat(scene.fds[dir], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                DIR *names = fdopendir(fd);
                const struct dirent *entry;

                must(names, "opendir");
                while ((entry = readdir(names)))
                        has = has || strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
                closedir(names);
        }
        return has;
}

/* Return: the pair that is there; 0: none. */
static int check(const char *when, int from, int to)
{
        int key = read_number(KEYS, KEY, "key"), cert = read_number(CERTS, CERT, "cert");

        must(key == cert, "%s: key %d, certificate %d", when, key, cert);
        must(key == from || key == to, "%s: pair %d, neither %d nor %d", when, key, from, to);
        must(!has_left(".uatrust-"), "%s: something is left", when);
        return key;
}

static void clear(int from)
{
        recover(0);
        for (int dir = 0; dir < DIRS; dir++)
                __real_unlinkat(scene.fds[dir], dir == KEYS ? KEY : CERT, 0);
        if (from)
                must(swap_both(from) == 0, "pair %d", from);
        *scene.n_calls = 0;
}

/*
 * -- the process ends ----------------------------------------------------------------------------
 */

/* Return: did it end of itself? */
static bool run_child(int (*deed)(int k), int k, unsigned int at)
{
        pid_t child;
        int status;

        *scene.n_calls = 0;
        child = fork();
        must(child >= 0, "fork");
        if (child == 0) {
                scene.at = at;
                _exit(deed(k) ? 1 : 0);
        }
        must(waitpid(child, &status, 0) == child, "waitpid");
        must(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ENDED),
             "a child died");
        return WEXITSTATUS(status) == 0;
}

/*
 * Before anything is recovered: an application that starts now finds a pair, or the old one beside
 * it.
 */
static void check_unrecovered(int from)
{
        int key = read_number(KEYS, KEY, "key"), cert = read_number(CERTS, CERT, "cert");

        must(key >= 0 && cert >= 0, "half a file is in place");
        if (key == cert || !from)
                return;
        must(read_number(KEYS, ".uatrust-old." KEY, "key") == from &&
                     read_number(CERTS, ".uatrust-old." CERT, "cert") == from,
             "the old pair is gone, and the new one is not there");
}

static void run_steps(int from)
{
        unsigned int n_recoveries = 0, n = 1;
        int to = from + 1;

        for (bool is_over = false; !is_over; n++) {
                clear(from);
                is_over = run_child(swap_both, to, n);
                check_unrecovered(from);
                for (unsigned int m = 1; !run_child(recover, 0, m); m++)
                        n_recoveries++;
                must(check("after a step", from, to) == to || !is_over, "it was done");
        }
        must(n > 15, "only %u steps", n);
        printf("from pair %d: %u steps, and %u of recoveries\n", from, n - 1, n_recoveries);
}

/*
 * -- the disk refuses ----------------------------------------------------------------------------
 */

/* Return: was there such a call? */
static bool refuse(int (*deed)(int k), int from, unsigned int at, int error)
{
        int r, to = from + 1;
        bool has_happened;

        clear(from);
        if (deed == swap_one)
                to = from; /* its number is that of the key */
        scene.at = at;
        scene.error = error;
        r = deed(to);
        has_happened = *scene.n_calls >= at;
        scene.at = 0;
        scene.error = 0;
        must(has_happened || r == 0, "it failed of itself");
        must(r == 0 || r == -error, "%d for %d", r, error);
        must(recover(0) == 0, "recover");
        check("after a failure", from, to);
        return has_happened;
}

static void run_refuse(int (*deed)(int k), int from)
{
        static const int errors[] = { ENOSPC, EIO };
        unsigned int n = 0;

        for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
                for (int for_good = 0; for_good < 2; for_good++) {
                        scene.is_for_good = for_good;
                        for (unsigned int at = 1; refuse(deed, from, at, errors[i]); at++)
                                n++;
                }
        }
        printf("from pair %d: %u failures\n", from, n);
}

/* What fails before the moment that counts leaves nothing behind, also without another run. */
static void run_full(void)
{
        clear(1);
        scene.is_for_good = true;
        for (unsigned int at = 1; at <= 18; at++) {
                scene.at = at;
                scene.error = ENOSPC;
                must(swap_both(2) == -ENOSPC, "the disk was full at call %u", at);
                scene.at = 0;
                check("after the disk was full", 1, 1);
                *scene.n_calls = 0;
        }
        scene.error = 0;
}

/*
 * -- the power is cut ----------------------------------------------------------------------------
 */

enum content {
        CONTENT_OLD,
        CONTENT_NEW,
        CONTENT_HALF, /* what was written is not all there */
};

struct name {
        char text[64];
        int file; /* number of what was made since; 0: it was there */
        enum content content;
};

/* A directory as it would be. */
struct listing {
        struct name names[NAMES_MAX];
        size_t n;
};

struct disk {
        struct listing dirs[DIRS];
};

static struct name *find(struct listing *listing, const char *text)
{
        for (size_t i = 0; i < listing->n; i++)
                if (strcmp(listing->names[i].text, text) == 0)
                        return &listing->names[i];
        return NULL;
}

static void put(struct listing *listing, const char *text, const struct name *what)
{
        struct name *name = find(listing, text);
        struct name copy = *what;

        if (!name) {
                must(listing->n < NAMES_MAX, "names");
                name = &listing->names[listing->n++];
        }
        snprintf(copy.text, sizeof(copy.text), "%s", text);
        *name = copy;
}

static void drop(struct listing *listing, const char *text)
{
        struct name *name = find(listing, text);

        must(name, "%s", text);
        *name = listing->names[--listing->n];
}

static bool is_whole(const struct ops *ops, int file, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (ops->items[i].kind == OP_SYNC_FILE && ops->items[i].file == file)
                        return true;
        return false;
}

/* At the moment @n. */
static void apply(struct listing *listing, const struct ops *ops, const struct op *op, size_t n)
{
        struct name what = { .file = op->file,
                             .content = is_whole(ops, op->file, n) ? CONTENT_NEW : CONTENT_HALF };

        if (op->kind == OP_LINK || op->kind == OP_RENAME)
                what = *find(listing, op->name);
        if (op->kind == OP_RENAME || op->kind == OP_REMOVE)
                drop(listing, op->name);
        if (op->kind == OP_CREATE)
                put(listing, op->name, &what);
        if (op->kind == OP_LINK || op->kind == OP_RENAME)
                put(listing, op->to, &what);
}

static bool changes(const struct op *op, int dir)
{
        return op->dir == dir && op->kind != OP_SYNC_DIR && op->kind != OP_SYNC_FILE;
}

/* How many changes of a directory before @n are on the disk for sure, or were made. */
static unsigned int count(const struct ops *ops, int dir, size_t n, bool for_sure)
{
        unsigned int n_changes = 0, n_sure = 0;

        for (size_t i = 0; i < n; i++) {
                const struct op *op = &ops->items[i];

                n_changes += changes(op, dir);
                if (op->kind == OP_SYNC_DIR && op->dir == dir)
                        n_sure = n_changes;
        }
        return for_sure ? n_sure : n_changes;
}

static void write_name(int dir, const struct name *name, int from)
{
        int k = name->content == CONTENT_OLD ? from : from + 1;
        char room[32];
        struct bytes text = text_of(room, dir == KEYS ? "key" : "cert", k);
        int fd = __real_openat(scene.fds[dir], name->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                               dir == KEYS ? 0600 : 0644);

        must(fd >= 0, "%s", name->text);
        if (name->content == CONTENT_HALF)
                text.n /= 2;
        must(fchmod(fd, dir == KEYS ? 0600 : 0644) == 0, "fchmod");
        must(__real_write(fd, text.data, text.n) == (ssize_t)text.n, "write");
        close(fd);
}

static void empty_dirs(void)
{
        for (int dir = 0; dir < DIRS; dir++) {
                int fd = __real_openat(scene.fds[dir], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                DIR *names = fdopendir(fd);
                const struct dirent *entry;

                must(names, "opendir");
                while ((entry = readdir(names)))
                        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                                __real_unlinkat(fd, entry->d_name, 0);
                closedir(names);
        }
}

static void write_disk(const struct disk *disk, int from)
{
        empty_dirs();
        for (int dir = 0; dir < DIRS; dir++)
                for (size_t i = 0; i < disk->dirs[dir].n; i++)
                        write_name(dir, &disk->dirs[dir].names[i], from);
}

/* @base after the first @n_kept changes of a directory, cut at the moment @n. */
static void apply_some(struct listing *listing, const struct ops *ops, int dir, unsigned int n_kept,
                       size_t n)
{
        for (size_t i = 0; i < n && n_kept; i++) {
                if (!changes(&ops->items[i], dir))
                        continue;
                apply(listing, ops, &ops->items[i], n);
                n_kept--;
        }
}

static struct ops record_deed(int (*deed)(int k), int k)
{
        struct ops ops;

        scene.records = true;
        must(deed(k) == 0, "it failed of itself");
        scene.records = false;
        ops = scene.ops;
        scene.ops = (struct ops)VEC_NULL;
        return ops;
}

/* For each disk that a power cut before operation @n may leave. Return: how many. */
static unsigned int cut_at(const struct disk *base, const struct ops *ops, size_t n,
                           unsigned int (*with)(const struct disk *disk, int from), int from)
{
        unsigned int n_disks = 0;

        for (unsigned int certs = count(ops, CERTS, n, true); certs <= count(ops, CERTS, n, false);
             certs++) {
                for (unsigned int keys = count(ops, KEYS, n, true);
                     keys <= count(ops, KEYS, n, false); keys++) {
                        struct disk disk = *base;

                        apply_some(&disk.dirs[CERTS], ops, CERTS, certs, n);
                        apply_some(&disk.dirs[KEYS], ops, KEYS, keys, n);
                        n_disks += with(&disk, from);
                }
        }
        return n_disks;
}

static unsigned int recover_disk(const struct disk *disk, int from)
{
        write_disk(disk, from);
        must(recover(0) == 0, "recover");
        check("after a power cut", from, from + 1);
        return 1;
}

/* The power is cut once more while it is recovered. */
static unsigned int recover_and_cut(const struct disk *disk, int from)
{
        unsigned int n_disks = 0;
        struct ops ops;

        write_disk(disk, from);
        ops = record_deed(recover, 0);
        check("after a power cut", from, from + 1);
        for (size_t n = 0; n <= ops.n; n++)
                n_disks += cut_at(disk, &ops, n, recover_disk, from);
        VEC_FREE(&ops);
        return n_disks;
}

static void run_power(int from)
{
        static const struct name cert = { .text = CERT }, key = { .text = KEY };
        struct disk base = { .dirs = { { .n = 0 } } };
        unsigned int n_disks = 0;
        struct ops ops;

        clear(from);
        if (from) {
                put(&base.dirs[CERTS], CERT, &cert);
                put(&base.dirs[KEYS], KEY, &key);
        }
        ops = record_deed(swap_both, from + 1);
        for (size_t n = 0; n <= ops.n; n++)
                n_disks += cut_at(&base, &ops, n, recover_and_cut, from);
        must(check("at last", from + 1, from + 1), "it was done");
        must(n_disks > 2 * ops.n, "nothing was ever lost");
        printf("from pair %d: %zu operations, %u disks\n", from, ops.n, n_disks);
        VEC_FREE(&ops);
}

/*
 * -- all of it -----------------------------------------------------------------------------------
 */

static void set_up(const struct tree *tree)
{
        scene.n_calls = mmap(NULL, sizeof(*scene.n_calls), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        must(scene.n_calls != MAP_FAILED, "mmap");
        for (int dir = 0; dir < DIRS; dir++) {
                char *path = tree_path(tree, dir_names[dir]);

                tree_mkdir(tree, dir_names[dir]);
                scene.fds[dir] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                must(scene.fds[dir] >= 0, "%s", path);
                free(path);
        }
}

int main(int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "steps";
        struct tree *tree = tree_new();

        set_up(tree);
        umask(0);
        for (int from = 0; from < 2; from++) {
                if (strcmp(what, "steps") == 0) {
                        run_steps(from);
                } else if (strcmp(what, "refuse") == 0) {
                        run_refuse(swap_both, from);
                        if (from) {
                                run_refuse(swap_one, from);
                                run_full();
                        }
                } else {
                        run_power(from);
                }
        }
        tree_free(tree);
        return 0;
}
