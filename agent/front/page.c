/* SPDX-License-Identifier: Apache-2.0 */
#include "front/page.h"

#include "proto/page.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reader looks at the first word: glibc keeps the owner's thread id there. */
static_assert(sizeof(pthread_mutex_t) <= sizeof(((struct page_layout *)NULL)->keeper), "keeper");
static_assert(offsetof(pthread_mutex_t, __data.__lock) == 0, "the held word is the mutex's first");

struct page_writer {
        char *path;
        char *temporary; /* beside it; renamed to path when whole */
        char agent_id[sizeof(((struct page_layout *)NULL)->agent_id)];
        struct page_layout *page; /* what stands at path */
        bool is_ended[PAGE_SLOTS_MAX];
};

static int hold(struct page_layout *page)
{
        pthread_mutex_t *mutex = (pthread_mutex_t *)page->keeper;
        pthread_mutexattr_t attributes;
        int r;

        r = pthread_mutexattr_init(&attributes);
        if (r)
                return -r;

        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        r = pthread_mutex_init(mutex, &attributes);
        pthread_mutexattr_destroy(&attributes);
        if (r)
                return -r;

        return -pthread_mutex_lock(mutex);
}

static void release(struct page_layout *page)
{
        atomic_store_explicit(&page->lease_end_ns, 0, memory_order_release);
        pthread_mutex_unlock((pthread_mutex_t *)page->keeper);
        munmap(page, sizeof(*page));
}

/*
 * A mapping of a new file at @path, whose room is reserved: a full file system is an error here and
 * no SIGBUS later.
 */
static int map_new(const char *path, struct page_layout **out)
{
        void *p = MAP_FAILED;
        int fd, r = 0;

        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;

        if (fchmod(fd, 0644) < 0)
                r = -errno;
        if (!r)
                r = -posix_fallocate(fd, 0, sizeof(struct page_layout));
        if (!r)
                p = mmap(NULL, sizeof(struct page_layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                         0);
        if (!r && p == MAP_FAILED)
                r = -errno;

        close(fd);
        if (r)
                return r;

        *out = p;
        return 0;
}

/* Makes a whole page at the temporary path. */
static int make(const struct page_writer *writer, struct page_layout **out)
{
        struct page_layout *page = NULL;
        int r;

        unlink(writer->temporary); /* of an agent that was killed at just this point */
        r = map_new(writer->temporary, &page);
        if (r)
                return r;

        memcpy(page->magic, PAGE_MAGIC, sizeof(page->magic));
        page->version = PAGE_VERSION;
        page->n_bytes = sizeof(*page);
        memcpy(page->agent_id, writer->agent_id, sizeof(page->agent_id));
        r = hold(page);
        if (r) {
                munmap(page, sizeof(*page));
                return r;
        }

        *out = page;
        return 0;
}

static void add_slot(struct page_layout *page, const char *store, int64_t generation)
{
        uint32_t n = atomic_load_explicit(&page->n_slots, memory_order_relaxed);
        struct page_slot *slot = &page->slots[n];

        assert(n < PAGE_SLOTS_MAX && strlen(store) < sizeof(slot->store));
        memcpy(slot->store, store, strlen(store) + 1);
        atomic_store_explicit(&slot->generation, generation, memory_order_release);
        atomic_store_explicit(&page->n_slots, n + 1, memory_order_release);
}

static void copy_slots(const struct page_writer *writer, struct page_layout *page)
{
        struct page_slot *slots = writer->page->slots;

        for (uint32_t i = 0; i < PAGE_SLOTS_MAX; i++)
                if (!writer->is_ended[i])
                        add_slot(page, slots[i].store, atomic_load(&slots[i].generation));
}

/* Puts a new page in the path's place, with those slots of a full old one that are in use. */
static int replace(struct page_writer *writer)
{
        struct page_layout *page = NULL;
        int r;

        r = make(writer, &page);
        if (r)
                return r;

        if (writer->page)
                copy_slots(writer, page);
        if (rename(writer->temporary, writer->path) < 0) {
                r = -errno;
                release(page);
                unlink(writer->temporary);
                return r;
        }

        if (writer->page)
                release(writer->page);
        memset(writer->is_ended, 0, sizeof(writer->is_ended));
        writer->page = page;
        return 0;
}

int page_writer_new(const char *path, const char *agent_id, struct page_writer **out)
{
        CLEANUP(page_writer_freep) struct page_writer *writer = calloc(1, sizeof(*writer));
        int r;

        if (!writer)
                return -ENOMEM;

        assert(strlen(agent_id) < sizeof(writer->agent_id));
        memcpy(writer->agent_id, agent_id, strlen(agent_id));
        writer->path = strdup(path);
        if (!writer->path)
                return -ENOMEM;
        if (asprintf(&writer->temporary, "%s.new", path) < 0) {
                writer->temporary = NULL;
                return -ENOMEM;
        }

        r = replace(writer);
        if (r)
                return r;

        *out = TAKE(writer);
        return 0;
}

struct page_writer *page_writer_free(struct page_writer *writer)
{
        if (!writer)
                return NULL;

        if (writer->page) {
                unlink(writer->path);
                release(writer->page);
        }
        free(writer->path);
        free(writer->temporary);
        free(writer);
        return NULL;
}

/* Return: PAGE_SLOTS_MAX if the store has none */
static uint32_t find_slot(const struct page_writer *writer, const char *store)
{
        uint32_t n = atomic_load_explicit(&writer->page->n_slots, memory_order_relaxed);

        for (uint32_t i = 0; i < n; i++)
                if (!writer->is_ended[i] && !strcmp(writer->page->slots[i].store, store))
                        return i;

        return PAGE_SLOTS_MAX;
}

static void set_generation(struct page_writer *writer, uint32_t slot, int64_t generation)
{
        atomic_store_explicit(&writer->page->slots[slot].generation, generation,
                              memory_order_release);
}

int page_writer_set(struct page_writer *writer, const char *store, int64_t generation)
{
        uint32_t slot = find_slot(writer, store);
        int r;

        if (slot != PAGE_SLOTS_MAX) {
                set_generation(writer, slot, generation);
                return 0;
        }

        if (atomic_load(&writer->page->n_slots) == PAGE_SLOTS_MAX) {
                r = replace(writer);
                if (r)
                        return r;
        }
        if (atomic_load(&writer->page->n_slots) == PAGE_SLOTS_MAX)
                return -ENOSPC;

        add_slot(writer->page, store, generation);
        return 0;
}

void page_writer_end(struct page_writer *writer, const char *store)
{
        uint32_t slot = find_slot(writer, store);

        if (slot == PAGE_SLOTS_MAX)
                return;

        set_generation(writer, slot, 0);
        writer->is_ended[slot] = true;
}

void page_writer_set_lease(struct page_writer *writer, int64_t end_ns)
{
        int64_t margin_ns = PAGE_COARSE_MS * INT64_C(1000000);

        atomic_store_explicit(&writer->page->lease_end_ns,
                              end_ns > margin_ns ? end_ns - margin_ns : 0, memory_order_release);
}
