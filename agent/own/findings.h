/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Findings - what is wrong, or odd, about an own certificate, its key or their files, as a list of
 * sentences. An error is what peers or the norm refuse, a warning what should be otherwise.
 */

#include "base/vec.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

enum findings_severity {
        FINDINGS_ERROR,
        FINDINGS_WARNING,
};

struct findings_item {
        enum findings_severity severity;
        const char *
                purpose; /* "client" or "server": found where it is presented as that; NULL: always */
        uint32_t status; /* an OPC UA StatusCode, 0: none */
        char *text;      /* one sentence without a full stop; owned */
};

struct findings {
        VEC(struct findings_item) items;
        bool is_incomplete; /* memory ran short */
};

#define FINDINGS_NULL                                                                              \
        {                                                                                          \
                VEC_NULL, false                                                                    \
        }

void findings_deinit(struct findings *findings);

/** findings_add() - a sentence as printf() makes it; what cannot be added makes it incomplete */
void findings_add(struct findings *findings, enum findings_severity severity, const char *format,
                  ...) PRINTF(3, 4);

/**
 * findings_add_status() - the same of a judgement; @purpose: static. What was found for another
 * purpose, too, is there once, for any
 */
void findings_add_status(struct findings *findings, enum findings_severity severity,
                         const char *purpose, uint32_t status, const char *text);

/** findings_has_error() - is there an error, or may there be one that could not be added? */
bool findings_has_error(const struct findings *findings);
