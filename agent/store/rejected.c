/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected.h"

#include "base/fs.h"
#include "pki/cert.h"
#include "pki/decode.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "store/rejected_list.h"
#include "store/rejected_room.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_BYTES (64 + 5 + 1) /* of a file, with its NUL */
#define TEMPORARY_MAX  64           /* a name, with its NUL */

#define DIRECTORY_MODE 0755
#define FILE_MODE      0644

/* What one call works with. The list is its own until the end. */
struct writing {
        struct scan_dir dir;
        struct rejected_list *list;
        const struct rejected_batch *batch;
        struct rejected_outcome *outcome;
};

/* -- files ------------------------------------------------------------------------------------- */

static void cert_name(const uint8_t sha256[32], char out[NAME_MAX_BYTES])
{
        hex_encode(sha256, 32, out);
        memcpy(out + 64, ".der", sizeof(".der"));
}

static void record_name(const uint8_t sha256[32], char out[NAME_MAX_BYTES])
{
        hex_encode(sha256, 32, out);
        memcpy(out + 64, ".json", sizeof(".json"));
}

/* One for each lane, so the next one takes the place of what a crash has left. */
static void temporary_name(const struct writing *writing, char out[TEMPORARY_MAX])
{
        snprintf(out, TEMPORARY_MAX, ".uatrust-record-%" PRIu64 ".tmp", writing->batch->lane);
}

static int open_temporary(int dir_fd, const char *name)
{
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        int fd = openat(dir_fd, name, flags, FILE_MODE);

        if (fd < 0 && errno == EEXIST && unlinkat(dir_fd, name, 0) == 0)
                fd = openat(dir_fd, name, flags, FILE_MODE);
        return fd < 0 ? -errno : fd;
}

static int write_all(int fd, struct bytes content)
{
        while (content.n > 0) {
                ssize_t n = write(fd, content.data, content.n);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        content.data += n;
                        content.n -= (size_t)n;
                }
        }
        return 0;
}

/* Whole or not at all. Return: 0 or a negative errno, the disk's or ours. */
static int write_file(const struct writing *writing, const char *name, struct bytes content)
{
        int dir_fd = writing->dir.fd, fd, r;
        char temporary[TEMPORARY_MAX];

        temporary_name(writing, temporary);
        fd = open_temporary(dir_fd, temporary);
        if (fd < 0)
                return fd;

        r = write_all(fd, content);
        if (close(fd) < 0 && !r)
                r = -errno;
        if (!r && renameat(dir_fd, temporary, dir_fd, name) < 0)
                r = -errno;
        if (r)
                unlinkat(dir_fd, temporary, 0);
        return r;
}

/* As the next look will find it. */
static struct scan_stamp stamp_of(int dir_fd, const char *name)
{
        struct stat st;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return (struct scan_stamp){ 0 };
        return scan_stamp_of(&st);
}

/* What went wrong is the disk's, or ours: then a negative errno is returned. */
static int note_failure(struct writing *writing, int r)
{
        if (r >= 0 || fs_is_about_us(-r))
                return r;

        writing->outcome->n_failed++;
        writing->outcome->error = -r;
        return 0;
}

/* -- room -------------------------------------------------------------------------------------- */

/* Return: 0, or a negative errno of the disk's. */
static int remove_files(struct writing *writing, struct rejected_file *file)
{
        char name[NAME_MAX_BYTES];

        record_name(file->sha256, name);
        if (file->has_note && unlinkat(writing->dir.fd, name, 0) < 0 && errno != ENOENT)
                return -errno;

        cert_name(file->sha256, name);
        if (file->has_cert && unlinkat(writing->dir.fd, name, 0) < 0 && errno != ENOENT)
                return -errno;

        rejected_list_remove(writing->list, file);
        return 0;
}

/* Return: 1: there is room; 0: there is none; or a negative errno. */
static int make_room(struct writing *writing, int64_t uid, int64_t n_bytes)
{
        const struct rejected_list *list = writing->list;
        int r;

        while (list->files.n >= writing->batch->max ||
               list->n_bytes + n_bytes > REJECTED_BYTES_MAX) {
                struct rejected_file *victim = rejected_room_choose(writing->list, uid);

                if (!victim)
                        return 0;
                r = remove_files(writing, victim);
                if (r)
                        return r;
                writing->outcome->n_evicted++;
        }
        return 1;
}

/* A record whose certificate went away without it. */
static int remove_orphans(struct writing *writing)
{
        int64_t before_ns = (writing->batch->now_s - REJECTED_ORPHAN_S) * INT64_C(1000000000);
        size_t i = writing->list->files.n;
        int r = 0;

        while (i-- > 0 && !r) {
                struct rejected_file *file = &writing->list->files.items[i];

                if (!file->has_cert && file->note.mtime_ns < before_ns)
                        r = remove_files(writing, file);
        }
        return note_failure(writing, r);
}

/* -- records ----------------------------------------------------------------------------------- */

static int copy_note(const struct rejected_note *note, struct rejected_note *out)
{
        return schema_copy(&rejected_note_schema, note, out);
}

/* The certificates that came behind the first, as they were presented. @note: without any. */
static int add_issuers(const struct decode_chain *chain, struct rejected_note *note)
{
        free(note->issuers);
        note->issuers = calloc(chain->certs.n, sizeof(*note->issuers));
        if (!note->issuers)
                return -ENOMEM;

        for (size_t i = 1; i < chain->certs.n; i++) {
                const struct cert *cert = chain->certs.items[i];
                struct schema_bytes *bytes = &note->issuers[note->n_issuers];

                bytes->data = malloc(cert->n_der);
                if (!bytes->data)
                        return -ENOMEM;
                memcpy(bytes->data, cert->der, cert->n_der);
                bytes->n = cert->n_der;
                note->n_issuers++;
        }
        return 0;
}

/*
 * Writes the note of @file, which then has the record made of it. @note: taken. Return: 0 or a
 * negative errno, the disk's or ours.
 */
static int write_note(struct writing *writing, struct rejected_file *file,
                      struct rejected_note *note, const struct buf *text)
{
        char name[NAME_MAX_BYTES];
        struct rejected_record *record;
        int r;

        record_name(file->sha256, name);
        r = write_file(writing, name, (struct bytes){ text->data, text->n });
        if (!r)
                r = rejected_record_new(note, &record);
        else
                rejected_note_deinit(note);
        if (r)
                return r;

        rejected_record_unref(file->record);
        file->record = record;
        writing->outcome->n_written++;
        rejected_list_set_note(writing->list, file, stamp_of(writing->dir.fd, name));
        return 0;
}

static int add_new(struct writing *writing, const struct cert *cert,
                   const struct rejected_file *file)
{
        struct rejected_new added = { cert_ref(cert), rejected_record_ref(file->record) };
        int r = VEC_PUSH(&writing->outcome->added, added);

        if (r) {
                cert_unref(added.cert);
                rejected_record_unref(added.record);
        }
        return r;
}

/* Both files, or none. @note: taken. Return: 0 or a negative errno, the disk's or ours. */
static int write_both(struct writing *writing, const struct cert *cert, struct rejected_note *note,
                      const struct buf *text)
{
        struct rejected_file *file;
        char name[NAME_MAX_BYTES];
        int r;

        cert_name(cert->sha256, name);
        r = write_file(writing, name, (struct bytes){ cert->der, cert->n_der });
        if (!r)
                r = rejected_list_add(writing->list, cert->sha256, &file);
        if (r) {
                rejected_note_deinit(note);
                return r;
        }

        rejected_list_set_cert(writing->list, file, stamp_of(writing->dir.fd, name));
        r = write_note(writing, file, note, text);
        if (r) {
                file->has_note = true; /* that may be an older one */
                remove_files(writing, file);
                return r;
        }
        return add_new(writing, cert, file);
}

/* One that is new, of @chain. Return: 0 or a negative errno, the disk's or ours. */
static int make_record(struct writing *writing, const struct rejected_item *item,
                       const struct decode_chain *chain)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        const struct cert *cert = chain->certs.items[0];
        struct rejected_note note;
        int r;

        r = copy_note(&item->note, &note);
        if (r)
                return r;

        r = add_issuers(chain, &note);
        rejected_note_write(&note, &text);
        if (!r)
                r = buf_error(&text);
        if (!r)
                r = make_room(writing, note.first_uid, (int64_t)(cert->n_der + text.n));
        if (r == 1)
                return write_both(writing, cert, &note, &text);

        writing->outcome->n_refused += r == 0;
        rejected_note_deinit(&note);
        return r;
}

/* Is it the certificate that the verdict was about? Anything else is not to be named after it. */
static bool is_of(const struct decode_chain *chain, const uint8_t sha256[32])
{
        return chain->certs.n > 0 && memcmp(chain->certs.items[0]->sha256, sha256, 32) == 0;
}

static int decode(const struct rejected_item *item, struct decode_chain *out)
{
        CLEANUP(freep) struct bytes *elements = calloc(item->n_certificates, sizeof(*elements));

        if (!elements)
                return -ENOMEM;

        for (size_t i = 0; i < item->n_certificates; i++)
                elements[i] = (struct bytes){ item->certificates[i].data, item->certificates[i].n };
        return decode_message_chain(elements, item->n_certificates, out);
}

static int begin_record(struct writing *writing, const struct rejected_item *item,
                        const uint8_t sha256[32])
{
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        struct rejected_file *file;
        int r;

        if (item->n_certificates == 0)
                return 0;

        r = decode(item, &chain);
        if (r)
                return r < 0 ? r : 0;
        if (!is_of(&chain, sha256))
                return 0;

        file = rejected_list_at(writing->list, sha256);
        if (file) /* a certificate without a record, or the other way about */
                rejected_list_remove(writing->list, file);
        return make_record(writing, item, &chain);
}

/* What @item says is newer, but not who was first, nor who came with it. */
static int merge(const struct rejected_item *item, struct rejected_note *known)
{
        struct rejected_note note;
        int r = copy_note(&item->note, &note);

        if (r)
                return r;

        note.first_uid = known->first_uid;
        note.first_seen = known->first_seen;
        if (note.last_seen < known->last_seen)
                note.last_seen = known->last_seen;
        note.count = known->count < INT64_MAX - note.count ? known->count + note.count : INT64_MAX;
        free(note.issuers);
        note.issuers = known->issuers;
        note.n_issuers = known->n_issuers;
        known->issuers = NULL;
        known->n_issuers = 0;
        rejected_note_deinit(known);
        *known = note;
        return 0;
}

/* Of one that is there. @known: as its file has it; taken. */
static int continue_record(struct writing *writing, const struct rejected_item *item,
                           struct rejected_file *file, struct rejected_note *known)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        int r = merge(item, known);

        rejected_note_write(known, &text);
        if (!r)
                r = buf_error(&text);
        if (!r)
                return write_note(writing, file, known, &text);

        rejected_note_deinit(known);
        return r;
}

static int write_item(struct writing *writing, const struct rejected_item *item)
{
        struct rejected_file *file;
        struct rejected_note known;
        uint8_t sha256[32];
        int r = REJECTED_RECORD_E_INVALID;

        if (strlen(item->note.sha256) != 64 || hex_decode(item->note.sha256, 64, sha256) != 0)
                return 0;

        file = rejected_list_at(writing->list, sha256);
        if (file && file->has_cert && file->has_note)
                r = rejected_list_read_note(&writing->dir, sha256, &known);
        if (r < 0)
                return note_failure(writing, r);

        r = r == 0 ? continue_record(writing, item, file, &known)
                   : begin_record(writing, item, sha256);
        return note_failure(writing, r);
}

/* -- the whole --------------------------------------------------------------------------------- */

static int make_directory(int at_fd, const char *name)
{
        return mkdirat(at_fd, name, DIRECTORY_MODE) < 0 && errno != EEXIST ? -errno : 0;
}

/* Each part below the last one, opened so that no link leads out of the store. */
static int make_directories(const struct scan_dir *root)
{
        struct scan_dir above = SCAN_DIR_NULL;
        int error, r;

        r = make_directory(root->fd, "rejected");
        if (!r)
                r = scan_open(root, "rejected", O_RDONLY | O_DIRECTORY, &above.fd, &error);
        if (!r && above.fd < 0)
                r = -error;
        if (!r)
                r = make_directory(above.fd, "certs");
        scan_close_dir(&above);
        return r;
}

/* Return: 0; or a negative errno, the disk's or ours. */
static int open_directory(const char *root, bool is_made, struct scan_dir *out)
{
        struct scan_dir dir = SCAN_DIR_NULL;
        int error = 0, r;

        r = scan_open_dir(AT_FDCWD, root, &dir);
        if (!r && dir.fd < 0)
                r = -dir.error;
        if (!r && is_made)
                r = make_directories(&dir);
        if (!r)
                r = scan_open(&dir, REJECTED_DIR, O_RDONLY | O_DIRECTORY, &out->fd, &error);
        if (!r && out->fd < 0)
                r = -error;
        scan_close_dir(&dir);
        return r;
}

static int write_items(struct writing *writing)
{
        int r = 0;

        if (writing->batch->items.n > 0)
                r = remove_orphans(writing);
        for (size_t i = 0; i < writing->batch->items.n && !r; i++) {
                if (writing->list->is_cut)
                        writing->outcome->n_refused++;
                else
                        r = write_item(writing, &writing->batch->items.items[i]);
        }
        return r;
}

/* A directory that is not there holds nothing; one that cannot be read is not known. */
static int fail_to_open(int r, const struct rejected_batch *batch, struct rejected_outcome *outcome)
{
        if (fs_is_about_us(-r))
                return r;

        outcome->n_failed = batch->items.n;
        if (r == -ENOENT && batch->items.n == 0)
                return rejected_list_new(&outcome->list);

        outcome->error = -r;
        return 0;
}

int rejected_write(const char *root, const struct rejected_list *before,
                   const struct rejected_batch *batch, struct rejected_outcome *out)
{
        CLEANUP(rejected_outcome_deinit) struct rejected_outcome outcome = REJECTED_OUTCOME_NULL;
        struct writing writing = { .dir = SCAN_DIR_NULL, .batch = batch, .outcome = &outcome };
        int r;

        r = open_directory(root, batch->items.n > 0 && batch->max > 0, &writing.dir);
        if (r) {
                r = fail_to_open(r, batch, &outcome);
        } else {
                r = rejected_list_look(&writing.dir, before, &outcome.list, &outcome.error);
                writing.list = outcome.list;
                if (!r && outcome.list && batch->max > 0)
                        r = write_items(&writing);
                scan_close_dir(&writing.dir);
        }
        if (r)
                return r;

        *out = outcome;
        outcome = (struct rejected_outcome)REJECTED_OUTCOME_NULL;
        return 0;
}

void rejected_outcome_deinit(struct rejected_outcome *outcome)
{
        rejected_list_unref(outcome->list);
        for (size_t i = 0; i < outcome->added.n; i++) {
                cert_unref(outcome->added.items[i].cert);
                rejected_record_unref(outcome->added.items[i].record);
        }
        VEC_FREE(&outcome->added);
}

struct rejected_batch *rejected_batch_free(struct rejected_batch *batch)
{
        if (!batch)
                return NULL;

        for (size_t i = 0; i < batch->items.n; i++)
                rejected_item_deinit(&batch->items.items[i]);
        VEC_FREE(&batch->items);
        free(batch);
        return NULL;
}

void rejected_item_deinit(struct rejected_item *item)
{
        rejected_note_deinit(&item->note);
        for (size_t i = 0; i < item->n_certificates; i++)
                free(item->certificates[i].data);
        free(item->certificates);
        item->certificates = NULL;
        item->n_certificates = 0;
}
