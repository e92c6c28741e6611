/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer holds - the stores that lost something in a source said to settle (Settle=), and until when
 * nobody is told of that. Moments are seconds of the host's clock.
 */

#include "base/vec.h"

#include <stdint.h>

struct peer_hold {
        size_t store; /* its handle */
        int64_t until_s;
};

struct peer_holds {
        VEC(struct peer_hold) items;
};

/**
 * peer_holds_begin() - news of a store waits from now on, for @settle_ms or up to a second longer
 *
 * One that waits already is not put off again, so that nobody delays news for ever. Where memory is
 * short, it does not wait.
 */
void peer_holds_begin(struct peer_holds *holds, size_t store, int64_t now_s, int64_t settle_ms);

/** peer_holds_end() - those whose time is over wait no more */
void peer_holds_end(struct peer_holds *holds, int64_t now_s);

/** peer_holds_find() - of a store; borrowed; NULL: it does not wait */
const struct peer_hold *peer_holds_find(const struct peer_holds *holds, size_t store);

/** peer_holds_due_s() - when the first of them is over; INT64_MAX: there is none */
int64_t peer_holds_due_s(const struct peer_holds *holds);

void peer_holds_deinit(struct peer_holds *holds);
