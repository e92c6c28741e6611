/* SPDX-License-Identifier: Apache-2.0 */
#include "store/content.h"

#include "pki/decode.h"
#include "store/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void content_deinit(struct content *content)
{
        free(content->data);
}

void content_wipe(struct content *content)
{
        explicit_bzero(content->data, content->n_room);
        content->n = 0;
}

static int grow(struct content *content, size_t n_room)
{
        uint8_t *grown = realloc(content->data, n_room);

        if (!grown)
                return -ENOMEM;

        content->data = grown;
        content->n_room = n_room;
        return 0;
}

/* Read until @n bytes are there or the file ends. Return: 0, or a negative errno. */
static int read_up_to(int fd, struct content *content, size_t n)
{
        ssize_t n_read;

        while (content->n < n) {
                n_read = read(fd, content->data + content->n, n - content->n);
                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read < 0)
                        return -errno;
                if (n_read == 0)
                        return 0;
                content->n += (size_t)n_read;
        }
        return 0;
}

int content_read(int fd, int64_t size_hint, struct content *content)
{
        int64_t n_room = size_hint < CONTENT_HEAD_BYTES ? CONTENT_HEAD_BYTES : size_hint;
        int r;

        if (size_hint > LAYOUT_FILE_BYTES_MAX)
                return CONTENT_E_TOO_LARGE;

        r = grow(content, (size_t)n_room + 1);
        if (!r)
                r = read_up_to(fd, content, CONTENT_HEAD_BYTES);
        if (r < 0)
                return r;

        if (decode_starts_private_key((struct bytes){ content->data, content->n }))
                return CONTENT_E_PRIVATE_KEY;

        for (;;) {
                r = read_up_to(fd, content, content->n_room);
                if (r < 0 || content->n < content->n_room)
                        return r;

                /* It grows as it is read. */
                if (content->n > LAYOUT_FILE_BYTES_MAX)
                        return CONTENT_E_TOO_LARGE;

                r = grow(content, content->n_room * 2);
                if (r < 0)
                        return r;
        }
}
