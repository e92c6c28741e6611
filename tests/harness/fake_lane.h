/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fake lane - a core (harness/core.h) whose lane writes down what it is asked to do to the store,
 * and says of it what the test wants.
 *
 * The store holds a CA and its CRL; the caller comes by the admin socket.
 */

#include "harness/core.h"
#include "harness/mint.h"
#include "service/lane.h"
#include "store/update.h"

struct fake_lane {
        struct core *core;
        struct lane lane;
        int submit_r;                  /* what update() returns */
        int r;                         /* how it ends */
        struct update_outcome outcome; /* of r 0 */
        char asked[512];               /* the last request: "replace lists=5 n=1,0,0,0 dry" */
        size_t n_asked, n_ticks;
        const char *reload_fault; /* NULL: the configuration is good */
};

extern const struct mint_cert FAKE_LANE_ROOT, FAKE_LANE_LEAF;

/** fake_lane_new() - with a core of its own */
struct fake_lane *fake_lane_new(void);
struct fake_lane *fake_lane_free(struct fake_lane *lane);

/**
 * fake_lane_expand() - a text of a row as it is on the wire; free() it
 *
 * Single quotes are double ones; $C is a certificate and $R a CRL in base64, $H half a certificate,
 * $S the CA's SHA-256 and $T its SHA-1.
 */
char *fake_lane_expand(const char *text);

/** fake_lane_ask() - core_ask() with what fake_lane_expand() makes of @parameters */
const char *fake_lane_ask(struct fake_lane *lane, enum message_method method,
                          const char *parameters);

/** fake_lane_expect() - is that part, expanded, in the reply? Else the test fails */
void fake_lane_expect(const char *reply, const char *part);

/* The begin of a BadRequest, for fake_lane_expect(). */
#define REFUSED(field) "BadRequest','parameters':{'field':'" field "',"
