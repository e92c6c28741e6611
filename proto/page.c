/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/page.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file is a contract with programs of other versions: its layout is pinned. */
static_assert(offsetof(struct page_layout, held) == 64, "layout");
static_assert(offsetof(struct page_layout, lease_end_ns) == 128, "layout");
static_assert(offsetof(struct page_layout, slots) == 192, "layout");
static_assert(sizeof(struct page_slot) == 72, "layout");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
              "no locks in a shared page");

struct page_reader {
        const struct page_layout *page;
};

/*
 * In a time namespace the monotonic clock is shifted, so a lease might never end. The file lists
 * the offsets, "monotonic 0 0"; kernels without time namespaces do not have it.
 */
static int check_time_namespace(void)
{
        char text[256];
        ssize_t n;
        int fd;

        fd = open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;

        n = read(fd, text, sizeof(text));
        close(fd);
        if (n < 0)
                return -errno;

        for (ssize_t i = 0; i < n; i++)
                if (text[i] >= '1' && text[i] <= '9')
                        return PAGE_E_TIME_NAMESPACE;

        return 0;
}

static int check_file(int fd)
{
        struct stat stat;

        if (fstat(fd, &stat) < 0)
                return -errno;
        if (!S_ISREG(stat.st_mode) || stat.st_size < (off_t)sizeof(struct page_layout))
                return PAGE_E_FOREIGN;

        return 0;
}

static bool is_ours(const struct page_layout *page)
{
        return !memcmp(page->magic, PAGE_MAGIC, sizeof(page->magic)) &&
               page->version == PAGE_VERSION && page->n_bytes == sizeof(*page) &&
               !page->agent_id[sizeof(page->agent_id) - 1];
}

static int map(int fd, struct page_reader *reader)
{
        void *p;
        int r;

        r = check_file(fd);
        if (r)
                return r;

        p = mmap(NULL, sizeof(struct page_layout), PROT_READ, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
                return -errno;

        reader->page = p;
        return is_ours(reader->page) ? 0 : PAGE_E_FOREIGN;
}

int page_reader_open(const char *path, struct page_reader **out)
{
        CLEANUP(page_reader_closep) struct page_reader *reader = calloc(1, sizeof(*reader));
        int fd, r;

        if (!reader)
                return -ENOMEM;

        r = check_time_namespace();
        if (r)
                return r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
                return errno == ENOENT ? PAGE_E_ABSENT : -errno;

        r = map(fd, reader);
        close(fd);
        if (r)
                return r;

        *out = TAKE(reader);
        return 0;
}

struct page_reader *page_reader_close(struct page_reader *reader)
{
        if (!reader)
                return NULL;

        if (reader->page)
                munmap((void *)reader->page, sizeof(*reader->page));
        free(reader);
        return NULL;
}

bool page_reader_is_held(const struct page_reader *reader)
{
        uint32_t word = atomic_load_explicit(&reader->page->held, memory_order_acquire);

        return (word & FUTEX_TID_MASK) && !(word & FUTEX_OWNER_DIED);
}

bool page_reader_find(const struct page_reader *reader, const char *agent_id, const char *store,
                      uint32_t *out)
{
        const struct page_layout *page = reader->page;
        uint32_t n = atomic_load_explicit(&page->n_slots, memory_order_acquire);

        if (strcmp(agent_id, page->agent_id) != 0)
                return false;

        /* The last one is meant: a store that was taken away and came back has a new slot. */
        for (uint32_t i = n < PAGE_SLOTS_MAX ? n : PAGE_SLOTS_MAX; i > 0; i--) {
                const struct page_slot *slot = &page->slots[i - 1];

                if (!strncmp(slot->store, store, sizeof(slot->store))) {
                        *out = i - 1;
                        return true;
                }
        }

        return false;
}

void page_look(const struct page_reader *reader, uint32_t slot, struct page_look *out)
{
        const struct page_layout *page = reader->page;

        assert(slot < PAGE_SLOTS_MAX);
        out->lease_end_ns = atomic_load_explicit(&page->lease_end_ns, memory_order_acquire);
        out->generation = atomic_load_explicit(&page->slots[slot].generation, memory_order_acquire);
        out->is_held = page_reader_is_held(reader);
}

bool page_holds(const struct page_look *look, int64_t generation, int64_t valid_until_s,
                const struct page_now *now)
{
        return look->is_held && look->generation == generation && generation > 0 &&
               now->monotonic_ns < look->lease_end_ns && now->realtime_s < valid_until_s;
}
