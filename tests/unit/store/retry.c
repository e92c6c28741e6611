/* SPDX-License-Identifier: Apache-2.0 */
#include "store/retry.h"

#include "harness/folder.h"
#include "harness/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum call {
        OPEN_ROOT,
        OPEN_DIR,
        OPEN_FILE,
        READ_FILE,
};

/* The next @n_left calls of a kind fail. */
static struct {
        enum call call;
        int error;
        unsigned int n_left;
        const char *dir; /* of OPEN_DIR */
} fault = { .dir = "trusted/certs" };

static bool is_to_fail(enum call call)
{
        if (call != fault.call || fault.n_left == 0)
                return false;

        fault.n_left--;
        errno = fault.error;
        return true;
}

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);

int __wrap_open(const char *path, int flags, mode_t mode)
{
        return flags & O_PATH && is_to_fail(OPEN_ROOT) ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int fd, const char *path, int flags, mode_t mode);
int __wrap_openat(int fd, const char *path, int flags, mode_t mode);

int __wrap_openat(int fd, const char *path, int flags, mode_t mode)
{
        return !strcmp(path, fault.dir) && is_to_fail(OPEN_DIR)
                       ? -1
                       : __real_openat(fd, path, flags, mode);
}

ssize_t __real_read(int fd, void *data, size_t n);
ssize_t __wrap_read(int fd, void *data, size_t n);

ssize_t __wrap_read(int fd, void *data, size_t n)
{
        return is_to_fail(READ_FILE) ? -1 : __real_read(fd, data, n);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
        long arguments[4];
        va_list list;

        va_start(list, number);
        for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
                arguments[i] = va_arg(list, long);
        va_end(list);
        if (number == SYS_openat2 && is_to_fail(OPEN_FILE))
                return -1;

        return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3]);
}

static const struct row {
        enum call call;
        int error;
        const char *seen; /* while it fails; NULL: the store is not ready */
} rows[] = {
        { OPEN_FILE, EIO, "broken " TC "a" },
        { OPEN_FILE, EACCES, "broken " TC "a" },
        { OPEN_FILE, ESTALE, "broken " TC "a" },
        { READ_FILE, EIO, "broken " TC "a" },
        { OPEN_DIR, EIO, "broken trusted/certs" },
        { OPEN_DIR, EACCES, "broken trusted/certs" },
        { OPEN_DIR, EINTR, "broken trusted/certs" },
        { OPEN_ROOT, EIO, NULL },
        { OPEN_ROOT, EINTR, NULL },
};

static struct folder *start(struct contents *contents, const struct row *row, unsigned int n)
{
        struct folder *folder = folder_new(contents);

        folder_put(folder, TC "a", LEAF);
        fault.call = row->call;
        fault.error = row->error;
        fault.n_left = n;
        folder_refresh(folder);
        return folder;
}

static void assert_failed(struct folder *folder, const struct row *row)
{
        if (row->seen)
                folder_assert_seen(folder, strerror(row->error), row->seen);
        else
                assert_non_null(folder->result.not_ready);
        assert_null(folder->result.doubt);
}

static void test_what_could_not_be_read_is_tried_soon(void **state)
{
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct folder *folder = start(*state, &rows[i], 1);

                assert_failed(folder, &rows[i]);
                assert_int_equal(folder->result.again_ms, 500);
                folder->now.monotonic_ns += 500 * MS_NS;
                folder_refresh_nothing(folder);
                folder_assert_seen(folder, "healed", "cert " TC "a");
                assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);
                folder_free(folder);
        }
}

static void test_what_was_read_before_too(void **state)
{
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct folder *folder = start(*state, &rows[i], 0);

                folder_assert_seen(folder, "good", "cert " TC "a");
                folder_put(folder, TC "a", CA);
                fault.n_left = 1;
                folder_refresh(folder);
                assert_failed(folder, &rows[i]);
                folder->now.monotonic_ns += 500 * MS_NS;
                folder_refresh_nothing(folder);
                folder_assert_seen(folder, "healed", "cert " TC "a");
                folder_free(folder);
        }
}

static void test_less_and_less_often_and_in_the_end_no_more(void **state)
{
        static const int64_t PAUSES_MS[] = { 500, 1000, 2000, 2000 };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct folder *folder = start(*state, &rows[i], 1000);

                for (size_t k = 0; k <= RETRY_TIMES_MAX; k++) {
                        int64_t pause_ms =
                                k == RETRY_TIMES_MAX ? STORE_NEVER_MS : PAUSES_MS[k < 4 ? k : 3];

                        assert_int_equal(folder->result.again_ms, pause_ms);
                        assert_failed(folder, &rows[i]);

                        /* Too early: an event elsewhere is no reason to wait for longer. */
                        folder->now.monotonic_ns += 100 * MS_NS;
                        folder_refresh_name(folder, "trusted/crl", "b", false);
                        if (pause_ms != STORE_NEVER_MS)
                                assert_int_equal(folder->result.again_ms, pause_ms - 100);

                        folder->now.monotonic_ns += (pause_ms - 100) * MS_NS;
                        folder_refresh_nothing(folder);
                }

                fault.n_left = 0;
                folder_refresh(folder); /* a sweep */
                folder_assert_seen(folder, "healed", "cert " TC "a");
                folder_free(folder);
        }
}

static void test_what_no_moment_mends_waits_for_an_event(void **state)
{
        static const int ERRORS[] = { ENOENT, ELOOP, EXDEV };

        for (size_t i = 0; i < ARRAY_SIZE(ERRORS); i++) {
                struct row row = { OPEN_FILE, ERRORS[i], "broken " TC "a" };
                struct folder *folder = folder_new(*state);

                folder_put(folder, TC "b", LEAF);
                folder_link(folder, "b", TC "a"); /* through which the file is looked for */
                fault.call = row.call;
                fault.error = row.error;
                fault.n_left = 1;
                folder_refresh(folder);
                folder_assert_seen(folder, "a link", "broken " TC "a, cert " TC "b");
                assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);
                folder_free(folder);
        }
}

static void test_what_goes_on_revoking_meanwhile_is_tried_soon_too(void **state)
{
        struct folder *folder = folder_with_crl(*state);

        fault.call = OPEN_DIR;
        fault.error = EIO;
        fault.n_left = 2;
        fault.dir = "trusted/crl";
        folder_refresh(folder);
        folder_assert_seen(folder, "held",
                           "broken trusted/crl, broken " TR "a, cert " TC "ca, crl(held) " TR "a");
        assert_int_equal(folder->result.again_ms, 500);
        folder->now.monotonic_ns += 500 * MS_NS;
        folder_refresh_nothing(folder);
        assert_int_equal(folder->result.again_ms, 1000);
        folder->now.monotonic_ns += 1000 * MS_NS;
        folder_refresh_nothing(folder);
        folder_assert_seen(folder, "healed", "cert " TC "ca, crl " TR "a");
        fault.dir = "trusted/certs";
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_could_not_be_read_is_tried_soon),
                cmocka_unit_test(test_what_was_read_before_too),
                cmocka_unit_test(test_less_and_less_often_and_in_the_end_no_more),
                cmocka_unit_test(test_what_goes_on_revoking_meanwhile_is_tried_soon_too),
                cmocka_unit_test(test_what_no_moment_mends_waits_for_an_event),
        };

        return cmocka_run_group_tests_name("store/retry", tests, contents_set_up,
                                           contents_tear_down);
}
