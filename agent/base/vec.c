/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

#include <stdint.h>

int vec_reserve(void **items, size_t n, size_t *n_room, size_t n_more, size_t item_bytes)
{
        size_t room;
        void *grown;

        if (n_more <= *n_room - n)
                return 0;
        if (n_more > SIZE_MAX / 2 - n)
                return -ENOMEM;

        room = *n_room * 2 > n + n_more ? *n_room * 2 : n + n_more;
        if (room < 8)
                room = 8;

        grown = reallocarray(*items, room, item_bytes);
        if (!grown)
                return -ENOMEM;

        *items = grown;
        *n_room = room;
        return 0;
}
