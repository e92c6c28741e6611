/* SPDX-License-Identifier: Apache-2.0 */
#include "service/catalog.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 2048

/* The one table. An identifier is never given to another message. */
static const struct {
        const char *id;
        enum log_level level;
} ROWS[CATALOG_N] = {
        [CATALOG_CERTIFICATE_REFUSED] = { "dc0a6d1a8f2e4d0f9f0f3f5b1f0b7c11", LOG_LEVEL_NOTICE },
        [CATALOG_TRUST_LIST_CHANGED] = { "5b0f1f4c1f6c4d5e8b6a0a9c7d2e3f12", LOG_LEVEL_NOTICE },

        [CATALOG_CONFIG_REFUSED] = { "ad8b3dda32d74a8a97bc476c7f5385f4", LOG_LEVEL_ERROR },
        [CATALOG_RELOAD_REFUSED] = { "567e314f650b4c7db518fd4f16dd4810", LOG_LEVEL_ERROR },
        [CATALOG_RELOADED] = { "73a4de6d5b8d4255997c8e7fd68884e2", LOG_LEVEL_NOTICE },
        [CATALOG_CHECKING_WEAKENED] = { "572a3aed66714647889cba63144df302", LOG_LEVEL_NOTICE },
        [CATALOG_CANNOT_START] = { "b67314b609b7402081f536de41120b31", LOG_LEVEL_ERROR },
        [CATALOG_CANNOT_LISTEN] = { "38639d209d9e44b1960e90c73ef6a844", LOG_LEVEL_ERROR },
        [CATALOG_NOT_CONFINED] = { "0b2b9511613f40699bfc0f009307f44c", LOG_LEVEL_WARNING },

        [CATALOG_STORE_NOT_READY] = { "af5db74b7e784fd1a4945ce3b56a5520", LOG_LEVEL_WARNING },
        [CATALOG_STORE_IN_DOUBT] = { "9ceadadb5682480d986916f411578735", LOG_LEVEL_WARNING },
        [CATALOG_STORE_UNREAD] = { "4cdde185105d4143b2968d433e0d1045", LOG_LEVEL_WARNING },
        [CATALOG_STORE_BLIND] = { "e54adf7e208f45368b4eae1da3d9aef5", LOG_LEVEL_NOTICE },
        [CATALOG_STORE_STUCK] = { "dfe608dbb5674a83bfb4d95beb75ad57", LOG_LEVEL_ERROR },
        [CATALOG_FILE_BROKEN] = { "ae01cb78fbb44dfd9856fa9c1d955c72", LOG_LEVEL_WARNING },
        [CATALOG_FILE_HEALED] = { "d9451b5a78b748ff8dde6a0067203f71", LOG_LEVEL_NOTICE },
        [CATALOG_UPDATE_COMPLETED] = { "9507c1ea0cd94f8083101b22ed56edec", LOG_LEVEL_NOTICE },
        [CATALOG_UPDATE_FOREIGN] = { "4ad185d0cb73493cab71b0ab1f3ffe5c", LOG_LEVEL_WARNING },
        [CATALOG_UPDATE_NOT_BEGUN] = { "b117122fd5df4774ac5637f612758398", LOG_LEVEL_WARNING },
        [CATALOG_RECORDS_LOST] = { "884f4d27365041288ce1ebef68faf8d5", LOG_LEVEL_WARNING },
        [CATALOG_RECORDS_FAILING] = { "29d8f0a889e44fca8ea92dee9a5b2761", LOG_LEVEL_WARNING },
        [CATALOG_RECORDS_KEPT_AGAIN] = { "51e88c739e1c4261b768b605bf99d877", LOG_LEVEL_NOTICE },

        [CATALOG_CLOCK_NOT_PLAUSIBLE] = { "25500b1cedd14309962fc50fdf20b60c", LOG_LEVEL_WARNING },
        [CATALOG_TRUST_LIST_OUT_OF_DATE] = { "526284ef08074f278af6837017f521a8",
                                             LOG_LEVEL_WARNING },
        [CATALOG_CRL_MISSING] = { "fae12d1983c44916ae82d9322ecfb402", LOG_LEVEL_WARNING },
        [CATALOG_CRL_DAMAGED] = { "9c8600fcc6e344baa6bbc0039633954f", LOG_LEVEL_WARNING },
        [CATALOG_CRL_NOT_YET_VALID] = { "58822d0a18984453868cb672a72a2f3e", LOG_LEVEL_WARNING },
        [CATALOG_CRL_OUT_OF_DATE] = { "03bc05e00c20423a9873d97caf9b559f", LOG_LEVEL_WARNING },
        [CATALOG_CRL_SOON_OUT_OF_DATE] = { "85e0ce60780841d9af52246b19ba6d0a", LOG_LEVEL_WARNING },
        [CATALOG_CERTIFICATE_EXPIRED] = { "a72a8bb4fbee43b8818a0e1695e44c41", LOG_LEVEL_WARNING },
        [CATALOG_CERTIFICATE_SOON_EXPIRED] = { "60350435713a4548a5812bd73572b6c8",
                                               LOG_LEVEL_WARNING },
        [CATALOG_MORE_WARNINGS] = { "14ce436dfa5644aca539f4bdc58d6be9", LOG_LEVEL_WARNING },

        [CATALOG_CLOCK_SET] = { "d465442aec31478c8833aee6ba1494df", LOG_LEVEL_NOTICE },
        [CATALOG_CLOCK_FILE_FAILING] = { "5780fb7dc60f420382dab4053393b00c", LOG_LEVEL_WARNING },
        [CATALOG_PAGE_FAILING] = { "93b7380880c242aeb30fca5626613ac1", LOG_LEVEL_WARNING },
        [CATALOG_CONNECTIONS_REFUSED] = { "2f55523b1de54b77973129b568634b1e", LOG_LEVEL_WARNING },
        [CATALOG_QUOTA_EXCEEDED] = { "4ecc941a7ec8481782655d577d0140aa", LOG_LEVEL_WARNING },
        [CATALOG_MEMORY_SHORT] = { "5cefb691a0384957b66804b9ffcf1255", LOG_LEVEL_WARNING },
        [CATALOG_BUS_LOST] = { "7cdec4fe06604679a456323064c86146", LOG_LEVEL_WARNING },
        [CATALOG_BUS_NAME_REFUSED] = { "d99df572551b4a5597d0d7d48ba86562", LOG_LEVEL_WARNING },
        [CATALOG_BUS_MESSAGE_LOST] = { "d56f6afa9a82435b8a1a5624fe2a3836", LOG_LEVEL_WARNING },
};

const char *catalog_get_id(enum catalog_id id)
{
        assert((unsigned int)id < CATALOG_N);
        return ROWS[id].id;
}

enum log_level catalog_get_level(enum catalog_id id)
{
        assert((unsigned int)id < CATALOG_N);
        return ROWS[id].level;
}

static void add(struct log_field *fields, size_t *n, const char *name, const char *value)
{
        if (value)
                fields[(*n)++] = (struct log_field){ name, value };
}

void catalog_tell(const struct log *log, enum catalog_id id, const struct catalog_about *about,
                  const char *format, ...)
{
        const struct catalog_about given = about ? *about : (struct catalog_about){ .store = NULL };
        struct log_field fields[6];
        char line[LINE_MAX_BYTES];
        size_t n = 0;
        va_list args;

        va_start(args, format);
        vsnprintf(line, sizeof(line), format, args);
        va_end(args);

        add(fields, &n, "MESSAGE_ID", catalog_get_id(id));
        add(fields, &n, "UATRUST_STORE", given.store);
        add(fields, &n, "UATRUST_SUBJECT", given.subject);
        add(fields, &n, "UATRUST_SHA256", given.sha256);
        add(fields, &n, "UATRUST_FILE", given.file);
        add(fields, &n, "UATRUST_REASON", given.reason);
        log_fields(log, ROWS[id].level, fields, n, "%s%s%s%s", given.store ? "store " : "",
                   given.store ? given.store : "", given.store ? ": " : "", line);
}
