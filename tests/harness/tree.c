/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/tree.h"

#include "harness/must.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree *tree_new(void)
{
        const char *base = getenv("TMPDIR");
        struct tree *tree = must_calloc(1, sizeof(*tree));
        int n;

        n = snprintf(tree->path, sizeof(tree->path), "%s/uatrust-XXXXXX", base ? base : "/tmp");
        must(n > 0 && (size_t)n < sizeof(tree->path), "TMPDIR is short enough");
        must(mkdtemp(tree->path), "mkdtemp %s", tree->path);
        return tree;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        (void)st;
        (void)flag;
        (void)ftw;
        return remove(path);
}

static void remove_all(const char *path)
{
        struct stat st;

        if (lstat(path, &st) < 0)
                return;

        must(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, "remove %s", path);
}

struct tree *tree_free(struct tree *tree)
{
        if (!tree)
                return NULL;

        remove_all(tree->path);
        free(tree);
        return NULL;
}

void tree_freep(struct tree **tree)
{
        tree_free(*tree);
}

char *tree_path(const struct tree *tree, const char *name)
{
        char *path;

        must(asprintf(&path, "%s/%s", tree->path, name) > 0, "asprintf");
        return path;
}

/* Makes the directories above the last slash of @path. */
static void make_parents(const struct tree *tree, char *path)
{
        for (char *slash = path + strlen(tree->path) + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                if (access(path, F_OK) < 0)
                        must(mkdir(path, 0755) == 0, "mkdir %s", path);
                *slash = '/';
        }
}

void tree_mkdir(const struct tree *tree, const char *name)
{
        char *path = tree_path(tree, name);

        make_parents(tree, path);
        if (access(path, F_OK) < 0)
                must(mkdir(path, 0755) == 0, "mkdir %s", path);
        free(path);
}

static void write_file(const char *path, const void *data, size_t n_data)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        must(fd >= 0, "open %s", path);
        must(write(fd, data, n_data) == (ssize_t)n_data, "write %s", path);
        must(close(fd) == 0, "close %s", path);
}

void tree_write(const struct tree *tree, const char *name, const void *data, size_t n_data)
{
        char *path = tree_path(tree, name);

        make_parents(tree, path);
        write_file(path, data, n_data);
        free(path);
}

void tree_replace(const struct tree *tree, const char *name, const void *data, size_t n_data)
{
        const char *slash = strrchr(name, '/');
        const char *last = slash ? slash + 1 : name;
        char *path = tree_path(tree, name), *temporary;

        make_parents(tree, path);
        must(asprintf(&temporary, "%.*s.%s.new", (int)(strlen(path) - strlen(last)), path, last) >
                     0,
             "asprintf");
        write_file(temporary, data, n_data);
        must(rename(temporary, path) == 0, "rename %s", path);
        free(temporary);
        free(path);
}

void tree_rename(const struct tree *tree, const char *from, const char *to)
{
        char *from_path = tree_path(tree, from), *to_path = tree_path(tree, to);

        must(rename(from_path, to_path) == 0, "rename %s", from);
        free(from_path);
        free(to_path);
}

void tree_remove(const struct tree *tree, const char *name)
{
        char *path = tree_path(tree, name);

        remove_all(path);
        free(path);
}
