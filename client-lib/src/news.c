/* SPDX-License-Identifier: Apache-2.0 */
#include "news.h"

#include "proto/compiler.h"
#include "proto/names.h"

#include <uatrust/news.h>

#include <string.h>

static const char *const causes[] = {
        NAMES_CAUSE_BLOCKED, NAMES_CAUSE_REVOKED, NAMES_CAUSE_UNTRUSTED,
        NAMES_CAUSE_EXPIRED, NAMES_CAUSE_GOOD,
};

enum {
        N_CUTTING = 3, /* the first of them: what is known against a peer */
};

const char *news_find_cause(const char *cause)
{
        for (size_t i = 0; cause && i < ARRAY_SIZE(causes); i++)
                if (!strcmp(cause, causes[i]))
                        return causes[i];
        return NAMES_CAUSE_UNKNOWN;
}

bool uatrust_news_asks_to_cut(const struct uatrust_news *news)
{
        for (size_t i = 0; i < N_CUTTING; i++)
                if (!strcmp(news->cause, causes[i]))
                        return true;
        return false;
}

const char *uatrust_news_get_cause(const struct uatrust_news *news)
{
        return news->cause;
}

const char *uatrust_news_get_key(const struct uatrust_news *news)
{
        return news->key;
}

void *uatrust_news_get_peer(const struct uatrust_news *news)
{
        return news->peer;
}

uint32_t uatrust_news_get_status_code(const struct uatrust_news *news)
{
        return (uint32_t)news->status_code;
}

const char *uatrust_news_get_status_name(const struct uatrust_news *news)
{
        return news->status_name ? news->status_name : "";
}

const char *uatrust_news_get_store(const struct uatrust_news *news)
{
        return news->store ? news->store : "";
}

int64_t uatrust_news_get_generation(const struct uatrust_news *news)
{
        return news->generation;
}

const struct uatrust_verdict *uatrust_news_get_verdict(const struct uatrust_news *news)
{
        return news->verdict;
}
