/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Update - a trust list that is replaced again and again, and whoever does it ends at any moment:
 *
 *      update steps            at each system call by which an update, or the recovery from one, changes the disk
 *      update kill [N]         by SIGKILL at N random moments (200)
 *      update power [N]        with the file system, at N random moments (50): ext4 in a loop mount is shut down,
 *                              so that what was not fsynced is lost
 *
 * Then a fresh agent sees the old list or the new one, whole; and never an older one than was acknowledged. The seed is
 * printed; UATRUST_SEED sets it, else it is 1, and with UATRUST_LONG another one each time.
 */

#include "store/update.h"

#include "harness/mint.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "pki/ossl.h"
#include "proto/compiler.h"
#include "store/layout.h"
#include "store/own_folder.h"
#include "store/picture.h"
#include "store/sources.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LISTS 3 /* so that the one before the last is another than the next */
#define SELFS 9
#define SKIP  77

/* <linux/ext4.h> is not for programs. */
#define EXT4_IOC_SHUTDOWN           _IOR('X', 125, uint32_t)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 2

#define S_NS INT64_C(1000000000)

/* What outlives the process that updates. */
struct shared {
        atomic_uint n_acknowledged;
        atomic_uint n_calls; /* that change the disk */
};

static struct scene {
        struct mint_der selfs[SELFS], ca, leaf, crls[LISTS];
        uint8_t hashes[LISTS][32]; /* of the store with each list */
        struct settings *settings;
        struct shared *shared;
        unsigned int end_at; /* the call at which the process ends; 0: never */
} scene;

/* -- system calls that change the disk --------------------------------------------------------- */

static void count_call(void)
{
        if (++scene.shared->n_calls == scene.end_at)
                _exit(9);
}

/* Before it, the process may end. */
#define WRAP(name, parameters, ...)                                                                \
        int __real_##name parameters;                                                              \
        int __wrap_##name parameters;                                                              \
        int __wrap_##name parameters                                                               \
        {                                                                                          \
                count_call();                                                                      \
                return __real_##name(__VA_ARGS__);                                                 \
        }

WRAP(fsync, (int fd), fd)
WRAP(syncfs, (int fd), fd)
WRAP(unlinkat, (int fd, const char *name, int flags), fd, name, flags)
WRAP(renameat2, (int from_fd, const char *from, int to_fd, const char *to, unsigned int flags),
     from_fd, from, to_fd, to, flags)

ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);

/* In two parts, the process may end between them. */
ssize_t __wrap_write(int fd, const void *data, size_t n)
{
        count_call();
        return __real_write(fd, data, n > 1 ? n / 2 : n);
}

/* -- lists ------------------------------------------------------------------------------------- */

static struct bytes bytes_of(const struct mint_der *der)
{
        return (struct bytes){ der->data, der->n };
}

static void mint_all(void)
{
        struct mint_cert ca = { .ca = true }, leaf = { .issuer = &ca };

        scene.ca = mint_cert(&ca);
        scene.leaf = mint_cert(&leaf);
        for (size_t i = 0; i < SELFS; i++) {
                char subject[32];

                snprintf(subject, sizeof(subject), "CN=Self %zu", i);
                scene.selfs[i] = mint_cert(&(struct mint_cert){ .subject = subject });
        }
        for (size_t i = 0; i < LISTS; i++) {
                char number[8];

                snprintf(number, sizeof(number), "%02zx", i + 1);
                scene.crls[i] = mint_crl(&(struct mint_crl){ .issuer = &ca, .number = number });
        }
}

static void give(struct update_request *request, enum update_list list, const struct mint_der *der)
{
        must(update_request_add(request, list, bytes_of(der)) == 0, "give");
}

/* The list that the @k-th update makes; each shares some objects with the one before. */
static struct update_request *make_request(unsigned int k)
{
        struct update_request *request;

        must(update_request_new(UPDATE_REPLACE, &request) == 0, "request");
        request->lists = (1u << UPDATE_LIST_N) - 1;
        give(request, UPDATE_ISSUER_CERTS, &scene.ca);
        give(request, UPDATE_ISSUER_CRLS, &scene.crls[k % LISTS]);
        if (k % LISTS > 0)
                give(request, UPDATE_TRUSTED_CERTS, &scene.leaf);
        for (size_t i = 0; i < 4; i++)
                give(request, UPDATE_TRUSTED_CERTS, &scene.selfs[(k % LISTS * 3 + i) % SELFS]);
        return request;
}

static int64_t read_clock(clockid_t id)
{
        struct timespec now;

        clock_gettime(id, &now);
        return now.tv_sec * S_NS + now.tv_nsec;
}

static struct store_config config_of(const struct store_source *source)
{
        return (struct store_config){ .sources = source,
                                      .n_sources = 1,
                                      .settings = scene.settings };
}

/* Return: was it done? Where the file system is gone, it is not. */
static bool update(const char *folder, unsigned int k)
{
        struct store_source source = { .name = "default", .path = folder };
        struct store_config config;
        struct store_hints hints = { .is_all = true };
        struct store_now now = { read_clock(CLOCK_REALTIME), read_clock(CLOCK_MONOTONIC) };
        struct update_request *request = make_request(k);
        struct update what = { &config, NULL, &hints, &now, request };
        struct update_outcome outcome;
        bool is_done;

        source.layout = layout_default();
        config = config_of(&source);
        must(store_update(&what, &outcome) == 0, "update");
        is_done = outcome.status == UPDATE_DONE;
        if (is_done)
                scene.shared->n_acknowledged = k;
        update_outcome_deinit(&outcome);
        update_request_unref(request);
        return is_done;
}

/* -- what a fresh agent sees ------------------------------------------------------------------- */

static void recover(const char *folder)
{
        struct store_source source = { .name = "default", .path = folder };
        struct store_config config;
        struct recover_outcome outcome;

        source.layout = layout_default();
        config = config_of(&source);
        must(store_recover(&config, &outcome) == 0, "recover");
        must(outcome.status == RECOVER_CLEAN || outcome.status == RECOVER_DONE, "it is stuck: %s",
             outcome.reason);
        must(outcome.foreign.n == 0, "somebody else changed %s", outcome.foreign.items[0]);
        recover_outcome_deinit(&outcome);
}

static void hash_state(const char *folder, uint8_t hash[32])
{
        struct store_source source = { .name = "default", .path = folder };
        struct store_config config;
        struct store_hints hints = { .is_all = true };
        struct store_now now = { read_clock(CLOCK_REALTIME), read_clock(CLOCK_MONOTONIC) };
        struct store_result result;

        source.layout = layout_default();
        config = config_of(&source);
        must(store_refresh(&config, NULL, &hints, &now, &result) == 0, "refresh");
        must(!result.not_ready, "it is not ready: %s", result.not_ready);
        must(snapshot_hash(picture_get_snapshot(result.picture), hash) == 0, "hash");
        store_result_deinit(&result);
}

static bool has_list(const uint8_t hash[32], unsigned int k)
{
        return memcmp(hash, scene.hashes[k % LISTS], 32) == 0;
}

/* Return: which update the store is at. */
static unsigned int check(const char *folder, const char *when)
{
        unsigned int k = scene.shared->n_acknowledged;
        uint8_t hash[32];

        recover(folder);
        hash_state(folder, hash);
        must(has_list(hash, k) || has_list(hash, k + 1),
             "%s: the store is at none of updates %u and %u", when, k, k + 1);
        return has_list(hash, k) ? k : k + 1;
}

/* In a folder of its own, each list once; that is where @folder begins, too. */
static void find_hashes(const char *folder)
{
        for (unsigned int k = 1; k <= LISTS; k++) {
                must(update(folder, k), "update %u", k);
                hash_state(folder, scene.hashes[k % LISTS]);
        }
        for (unsigned int k = 0; k < LISTS; k++)
                must(!has_list(scene.hashes[k], k + 1), "the lists are the same");
}

static void assert_tidy(const char *folder)
{
        CLEANUP(freep) char *command = NULL;

        must(asprintf(&command,
                      "find %s -name '.uatrust-*' ! -name " OWN_FOLDER_LOCK " | grep -q .",
                      folder) > 0,
             "asprintf");
        must(system(command) != 0, "something is left");
}

/* -- each step --------------------------------------------------------------------------------- */

/* Return: did it end of itself? */
static bool run_child(void (*fn)(const char *folder, unsigned int k), const char *folder,
                      unsigned int k, unsigned int end_at)
{
        pid_t child;
        int status;

        scene.shared->n_calls = 0;
        child = fork();
        must(child >= 0, "fork");
        if (child == 0) {
                scene.end_at = end_at;
                fn(folder, k);
                _exit(0);
        }

        must(waitpid(child, &status, 0) == child, "waitpid");
        must(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9),
             "a child died");
        return WEXITSTATUS(status) == 0;
}

static void update_once(const char *folder, unsigned int k)
{
        must(update(folder, k), "update %u", k);
}

static void recover_once(const char *folder, unsigned int k)
{
        (void)k;
        recover(folder);
}

static void run_steps(const char *folder)
{
        unsigned int k = LISTS, n_recoveries = 0, n = 1;

        for (bool is_over = false; !is_over; n++) {
                scene.shared->n_acknowledged = k;
                is_over = run_child(update_once, folder, k + 1, n);
                for (unsigned int m = 1; !run_child(recover_once, folder, 0, m); m++)
                        n_recoveries++;
                k = check(folder, "after a step");
                assert_tidy(folder);
        }
        must(k == scene.shared->n_acknowledged, "the last update was acknowledged");
        must(n > 30, "only %u steps", n);
        printf("%u steps of an update, and %u of recoveries\n", n - 1, n_recoveries);
}

/* -- random moments ---------------------------------------------------------------------------- */

static pid_t begin_updates(const char *folder, unsigned int k)
{
        pid_t child = fork();

        must(child >= 0, "fork");
        while (child == 0)
                if (!update(folder, ++k))
                        _exit(0);
        return child;
}

static void pause_us(long us)
{
        usleep((useconds_t)us);
}

static void run_kill(const char *folder, unsigned int n_rounds)
{
        unsigned int k = LISTS, n_committed = 0;

        for (unsigned int i = 0; i < n_rounds; i++) {
                unsigned int was;
                pid_t child;

                scene.shared->n_acknowledged = k;
                child = begin_updates(folder, k);
                pause_us(random() % 60000);
                kill(child, SIGKILL);
                must(waitpid(child, NULL, 0) == child, "waitpid");
                was = scene.shared->n_acknowledged;
                k = check(folder, "after SIGKILL");
                n_committed += k > was;
                assert_tidy(folder);
        }
        printf("%u kills, %u updates, of which %u in force and not yet acknowledged\n", n_rounds,
               k - LISTS, n_committed);
}

/* -- power cuts -------------------------------------------------------------------------------- */

static bool PRINTF(1, 2) run_command(const char *format, ...)
{
        va_list arguments;
        char command[512];

        va_start(arguments, format);
        vsnprintf(command, sizeof(command), format, arguments);
        va_end(arguments);
        return system(command) == 0;
}

/* Where nobody else's mount name space gets a copy, which would keep what was shut down alive. */
static bool be_alone(void)
{
        return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool mount_image(const char *image, const char *folder)
{
        return run_command("mount -t ext4 -o loop %s %s 2>&1", image, folder);
}

static void shut_down(const char *folder)
{
        uint32_t flags = EXT4_GOING_FLAGS_NOLOGFLUSH;
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        must(fd >= 0, "%s", folder);
        must(ioctl(fd, EXT4_IOC_SHUTDOWN, &flags) == 0, "EXT4_IOC_SHUTDOWN");
        close(fd);
}

static void run_power(const char *image, const char *point, const char *folder,
                      unsigned int n_rounds)
{
        unsigned int k = LISTS, n_committed = 0;

        for (unsigned int i = 0; i < n_rounds; i++) {
                unsigned int was;
                pid_t child;

                scene.shared->n_acknowledged = k;
                child = begin_updates(folder, k);
                pause_us(random() % 150000);
                shut_down(point);
                kill(child, SIGKILL);
                must(waitpid(child, NULL, 0) == child, "waitpid");
                must(run_command("umount %s", point), "umount");
                must(mount_image(image, point), "mount");
                was = scene.shared->n_acknowledged;
                k = check(folder, "after a power cut");
                n_committed += k > was;
                assert_tidy(folder);
        }
        printf("%u power cuts, %u updates, of which %u in force and not yet acknowledged\n",
               n_rounds, k - LISTS, n_committed);
}

static enum recover_status try_to_recover(const char *folder, char **out_reason)
{
        struct store_source source = { .name = "default", .path = folder };
        struct store_config config;
        struct recover_outcome outcome;
        enum recover_status status;

        source.layout = layout_default();
        config = config_of(&source);
        must(store_recover(&config, &outcome) == 0, "recover");
        status = outcome.status;
        *out_reason = TAKE(outcome.reason);
        recover_outcome_deinit(&outcome);
        return status;
}

/* One that was committed stays so while nothing can be written, and the reason says what mends that. */
static void stay_stuck(const char *point, const char *folder)
{
        CLEANUP(freep) char *reason = NULL;
        enum recover_status status = RECOVER_CLEAN;
        unsigned int k = LISTS;

        for (unsigned int n = 1; status != RECOVER_STUCK; n++) {
                scene.shared->n_acknowledged = k;
                must(!run_child(update_once, folder, k + 1, n), "it was never stuck");
                must(run_command("mount -o remount,ro %s", point), "remount");
                free(reason);
                status = try_to_recover(folder, &reason);
                must(run_command("mount -o remount,rw %s", point), "remount");
                if (status != RECOVER_STUCK)
                        k = check(folder, "after a step");
        }

        must(strstr(reason, "Read-only file system") && strstr(reason, "remount,rw"), "%s", reason);
        must(check(folder, "mended") == k + 1, "it was in force");
        assert_tidy(folder);
}

/* Return: the exit code. */
static int cut_power(struct tree *tree, unsigned int n_rounds)
{
        char *image = tree_path(tree, "image"), *point = tree_path(tree, "mount");
        char *folder = tree_path(tree, "mount/store");

        tree_mkdir(tree, "mount");
        if (!be_alone() || !run_command("truncate -s 32M %s && mkfs.ext4 -q %s", image, image) ||
            !mount_image(image, point)) {
                printf("SKIPPED: faults/update-power: no ext4 loop mount here\n");
                return SKIP;
        }

        tree_mkdir(tree, "mount/store");
        find_hashes(folder);
        stay_stuck(point, folder);
        find_hashes(folder);
        run_power(image, point, folder, n_rounds);
        must(run_command("umount %s", point), "umount");
        free(image);
        free(point);
        free(folder);
        return 0;
}

/* -- all of it --------------------------------------------------------------------------------- */

static void set_up(void)
{
        const char *given = getenv("UATRUST_SEED");
        unsigned int seed = given                    ? (unsigned int)strtoul(given, NULL, 10)
                            : getenv("UATRUST_LONG") ? (unsigned int)read_clock(CLOCK_REALTIME)
                                                     : 1;

        printf("UATRUST_SEED=%u\n", seed);
        fflush(stdout);
        srandom(seed);
        scene.shared = mmap(NULL, sizeof(*scene.shared), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        must(scene.shared != MAP_FAILED, "mmap");
        must(ossl_init() == 0, "ossl_init");
        must(settings_new(&scene.settings) == 0, "settings_new");
        mint_all();
}

static void tear_down(void)
{
        for (size_t i = 0; i < SELFS; i++)
                mint_der_deinit(&scene.selfs[i]);
        for (size_t i = 0; i < LISTS; i++)
                mint_der_deinit(&scene.crls[i]);
        mint_der_deinit(&scene.ca);
        mint_der_deinit(&scene.leaf);
        settings_unref(scene.settings);
        ossl_deinit();
}

int main(int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "steps";
        unsigned int n = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0;
        struct tree *tree = tree_new();
        char *folder = tree_path(tree, "store");
        int code = 0;

        set_up();
        if (strcmp(what, "power") == 0) {
                code = cut_power(tree, n ? n : 50);
        } else {
                tree_mkdir(tree, "store");
                find_hashes(folder);
                if (strcmp(what, "kill") == 0)
                        run_kill(folder, n ? n : 200);
                else
                        run_steps(folder);
        }

        tear_down();
        free(folder);
        tree_free(tree);
        return code;
}
