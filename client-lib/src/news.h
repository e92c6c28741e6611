/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * News - what is told of a watched peer, as the callback gets it. All but key is borrowed.
 */

#include <stdint.h>

struct uatrust_verdict;

enum {
        NEWS_KEY_MAX_BYTES = 256, /* as the agent takes it */
};

struct uatrust_news {
        char key[NEWS_KEY_MAX_BYTES + 1]; /* a copy: the peer may be removed meanwhile */
        void *peer;
        const char *cause; /* a literal */
        int64_t status_code;
        const char *status_name;
        const char *store;
        int64_t generation;
        struct uatrust_verdict *verdict; /* NULL: not known */
};

/**
 * news_find_cause() - Return: the literal equal to @cause; one that is none of ours tells nothing:
 * unknown
 */
const char *news_find_cause(const char *cause);
