/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include "app/config_access.h"
#include "app/config_file.h"
#include "app/config_recorder.h"
#include "app/config_rows.h"
#include "app/config_source.h"
#include "app/config_time.h"
#include "proto/hex.h"
#include "proto/names.h"
#include "service/access.h"
#include "store/layout.h"
#include "store/sources.h"
#include "trust/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct reader {
        struct config_rows rows;
        struct config *config;
        char **out_fault;
};

static int PRINTF(3, 4)
        refuse(const struct reader *reader, const struct config_row *row, const char *format, ...)
{
        CLEANUP(freep) char *reason = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&reason, format, arguments);
        va_end(arguments);
        if (n < 0) {
                reason = NULL;
                return -ENOMEM;
        }

        n = asprintf(reader->out_fault, "%s:%zu: %s", row->file->path, row->entry->line, reason);
        return n < 0 ? -ENOMEM : CONFIG_E_INVALID;
}

/* -- values ----------------------------------------------------------------------------------- */

static int read_max_doubt(struct reader *reader, const struct config_row *row)
{
        const char *value = row->entry->value;

        if (config_time_read(value, 100, CONFIG_TIME_MAX_MS, &reader->config->max_doubt_ms))
                return 0;

        return refuse(reader, row, "MaxDoubt= is a time of 100ms to 60s, not \"%.64s\"", value);
}

static int read_log_level(struct reader *reader, const struct config_row *row)
{
        static const struct {
                const char *name;
                enum log_level level;
        } levels[] = {
                { "error", LOG_LEVEL_ERROR },   { "warning", LOG_LEVEL_WARNING },
                { "notice", LOG_LEVEL_NOTICE }, { "info", LOG_LEVEL_INFO },
                { "debug", LOG_LEVEL_DEBUG },
        };

        for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
                if (strcmp(row->entry->value, levels[i].name) != 0)
                        continue;
                reader->config->max_level = levels[i].level;
                return 0;
        }

        return refuse(reader, row,
                      "LogLevel= is error, warning, notice, info or debug, not \"%.64s\"",
                      row->entry->value);
}

static int read_agent_key(struct reader *reader, const struct config_row *row)
{
        if (!strcmp(row->entry->key, "MaxDoubt"))
                return read_max_doubt(reader, row);
        if (!strcmp(row->entry->key, "LogLevel"))
                return read_log_level(reader, row);

        return refuse(reader, row, "unknown key %.64s= in [Agent]", row->entry->key);
}

/* -- stores ----------------------------------------------------------------------------------- */

static void deinit_store(struct config_store *store)
{
        free(store->name);
        settings_unref(store->settings);
        access_unref(store->access);
        sources_unref(store->sources);
}

static int add_store(struct config *config, const char *name)
{
        struct config_store store = { .name = strdup(name),
                                      .recording = RECORDER_SETTINGS_DEFAULT };
        int r;

        r = store.name ? settings_new(&store.settings) : -ENOMEM;
        if (!r)
                r = access_new(&store.access);
        if (!r)
                r = sources_new(&store.sources);
        if (!r)
                r = VEC_PUSH(&config->stores, store);
        if (r)
                deinit_store(&store);
        return r;
}

static struct config_store *find_store(struct config *config, const char *name)
{
        for (size_t i = 0; i < config->stores.n; i++)
                if (!strcmp(config->stores.items[i].name, name))
                        return &config->stores.items[i];

        return NULL;
}

static int read_store_header(struct reader *reader, const struct config_row *row, const char *name)
{
        if (!names_is_store(name))
                return refuse(reader, row,
                              "a store's name has 1 to 63 of a-z, 0-9 and _, unlike \"%.80s\"",
                              name);
        if (reader->config->stores.n >= NAMES_STORES_MAX)
                return refuse(reader, row, "more than %d stores", NAMES_STORES_MAX);

        return add_store(reader->config, name);
}

static bool is_own_key(const char *key)
{
        const char *const *keys = config_source_keys();

        for (int i = CONFIG_SOURCE_PATH; i <= CONFIG_SOURCE_GROUP; i++)
                if (!strcmp(key, keys[i]))
                        return true;

        return false;
}

static int read_store_key(struct reader *reader, const struct config_row *row, const char *name)
{
        struct config_store *store = find_store(reader->config, name);
        CLEANUP(freep) char *reason = NULL;
        const char *recording;
        int r;

        if (is_own_key(row->entry->key))
                return 0; /* read with the sources */

        r = config_access_set(store->access, row->entry->key, row->entry->value, &reason);
        if (r == CONFIG_ACCESS_E_BAD_VALUE)
                return refuse(reader, row, "%s=: %s", row->entry->key, reason);
        if (r != CONFIG_ACCESS_E_UNKNOWN_KEY)
                return r;

        r = config_recorder_set(&store->recording, row->entry->key, row->entry->value, &recording);
        if (r == CONFIG_RECORDER_E_BAD_VALUE)
                return refuse(reader, row, "%s= %s, not \"%.64s\"", row->entry->key, recording,
                              row->entry->value);
        if (!r)
                return 0;

        r = settings_set(store->settings, row->entry->key, row->entry->value, &reason);
        if (r == SETTINGS_E_UNKNOWN_KEY)
                return refuse(reader, row, "unknown key %.64s= in [Store %s]", row->entry->key,
                              name);
        if (r == SETTINGS_E_BAD_VALUE)
                return refuse(reader, row, "%s=: %s", row->entry->key, reason);

        return r;
}

/* -- sources ---------------------------------------------------------------------------------- */

static int add_source(struct reader *reader, const struct config_row *header,
                      const struct config_source *section, struct config_store *store)
{
        struct config_source_fault fault;
        const struct config_row *row = NULL;
        int r;

        r = config_source_add(section, store->sources, &fault);
        if (r != CONFIG_SOURCE_E_INVALID)
                return r;

        if (fault.key != CONFIG_SOURCE_N)
                row = config_rows_find(&reader->rows, header->entry->section,
                                       config_source_keys()[fault.key]);
        r = refuse(reader, row ? row : header, "%s", fault.reason);
        free(fault.reason);
        return r;
}

static void read_values(const struct reader *reader, const char *section_name,
                        struct config_source *section)
{
        for (int i = 0; i < CONFIG_SOURCE_N; i++) {
                const struct config_row *row =
                        config_rows_find(&reader->rows, section_name, config_source_keys()[i]);

                section->values[i] = row ? row->entry->value : NULL;
        }
}

static int read_own_source(struct reader *reader, struct config_store *store)
{
        struct config_source section = { .name = store->name, .is_own = true };
        char name[sizeof("Store ") + NAMES_STORE_NAME_MAX_BYTES];
        const struct config_row *header;
        CLEANUP(freep) char *path = NULL;

        snprintf(name, sizeof(name), "Store %s", store->name);
        header = config_rows_find(&reader->rows, name, NULL);
        read_values(reader, name, &section);
        if (asprintf(&path, "%s/%s", NAMES_STATE_DIR, store->name) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        if (!section.values[CONFIG_SOURCE_PATH])
                section.values[CONFIG_SOURCE_PATH] = path;
        return add_source(reader, header, &section, store);
}

static int read_source(struct reader *reader, const struct config_row *header)
{
        struct config_source section = { .name = config_row_name(header, "Source") };
        const char *store_name;
        struct config_store *store;

        read_values(reader, header->entry->section, &section);
        store_name = section.values[CONFIG_SOURCE_STORE];
        store = find_store(reader->config, store_name ? store_name : NAMES_DEFAULT_STORE);
        if (!store)
                return refuse(reader,
                              store_name ? config_rows_find(&reader->rows, header->entry->section,
                                                            "Store")
                                         : header,
                              "there is no [Store %s]",
                              store_name ? store_name : NAMES_DEFAULT_STORE);

        return add_source(reader, header, &section, store);
}

static int read_source_key(struct reader *reader, const struct config_row *row)
{
        for (int i = 0; i < CONFIG_SOURCE_N; i++)
                if (!strcmp(row->entry->key, config_source_keys()[i]))
                        return 0; /* read with the section's header */

        return refuse(reader, row, "unknown key %.64s= in [%s]", row->entry->key,
                      row->entry->section);
}

/* -- certification authorities ---------------------------------------------------------------- */

static const char *const ca_keys[] = { "Store", "Sha256", "RevocationCheck" };

/* A section [CA NAME] means something as a whole only. */
static int read_ca(struct reader *reader, const struct config_row *header)
{
        const char *section = header->entry->section;
        const struct config_row *rows[ARRAY_SIZE(ca_keys)];
        struct config_store *store;
        uint8_t sha256[32];
        int r;

        for (size_t i = 0; i < ARRAY_SIZE(ca_keys); i++) {
                rows[i] = config_rows_find(&reader->rows, section, ca_keys[i]);
                if (!rows[i] && i > 0)
                        return refuse(reader, header, "[%s] lacks %s=", section, ca_keys[i]);
        }

        store = find_store(reader->config, rows[0] ? rows[0]->entry->value : NAMES_DEFAULT_STORE);
        if (!store)
                return refuse(reader, rows[0] ? rows[0] : header, "there is no [Store %s]",
                              rows[0] ? rows[0]->entry->value : NAMES_DEFAULT_STORE);

        if (strlen(rows[1]->entry->value) != 2 * sizeof(sha256) ||
            hex_decode(rows[1]->entry->value, 2 * sizeof(sha256), sha256))
                return refuse(reader, rows[1], "Sha256= has 64 hexadecimal digits");

        r = settings_set_ca(store->settings, sha256, rows[2]->entry->value);
        if (r == SETTINGS_E_BAD_VALUE)
                return refuse(reader, rows[2],
                              "RevocationCheck= is required, if-present or off, and set once for a "
                              "CA and store");

        return r;
}

static int read_ca_key(struct reader *reader, const struct config_row *row)
{
        for (size_t i = 0; i < ARRAY_SIZE(ca_keys); i++)
                if (!strcmp(row->entry->key, ca_keys[i]))
                        return 0; /* read with the section's header */

        return refuse(reader, row, "unknown key %.64s= in [%s]", row->entry->key,
                      row->entry->section);
}

/* -- the whole -------------------------------------------------------------------------------- */

/*
 * Stores come first, then their keys, then what names a store: in whatever order and files they
 * stand.
 */
static int read_row(struct reader *reader, const struct config_row *row, bool wants_headers)
{
        const char *store = config_row_name(row, "Store");

        if (!row->entry->key != wants_headers)
                return 0;
        if (store)
                return wants_headers ? read_store_header(reader, row, store)
                                     : read_store_key(reader, row, store);
        if (!strcmp(row->entry->section, "Agent"))
                return wants_headers ? 0 : read_agent_key(reader, row);
        if (config_row_name(row, "Source"))
                return wants_headers ? 0 : read_source_key(reader, row);
        if (config_row_name(row, "CA"))
                return wants_headers ? 0 : read_ca_key(reader, row);

        return refuse(reader, row,
                      "unknown section [%.64s]; there are [Agent], [Store NAME], [Source NAME] and "
                      "[CA NAME]",
                      row->entry->section);
}

static int read_own_sources(struct reader *reader)
{
        int r = 0;

        for (size_t i = 0; i < reader->config->stores.n && !r; i++)
                r = read_own_source(reader, &reader->config->stores.items[i]);

        return r;
}

/* What means something as a whole only. */
static int read_sections(struct reader *reader, const char *kind,
                         int (*read)(struct reader *reader, const struct config_row *header))
{
        int r = 0;

        for (size_t i = 0; i < reader->rows.list.n && !r; i++) {
                const struct config_row *row = &reader->rows.list.items[i];

                if (!row->entry->key && config_row_name(row, kind))
                        r = read(reader, row);
        }
        return r;
}

static int read_rows(struct reader *reader)
{
        int r = 0;

        for (size_t i = 0; i < reader->rows.list.n && !r; i++)
                r = read_row(reader, &reader->rows.list.items[i], true);
        if (!r && reader->config->stores.n == 0)
                r = add_store(reader->config, NAMES_DEFAULT_STORE);

        for (size_t i = 0; i < reader->rows.list.n && !r; i++)
                r = read_row(reader, &reader->rows.list.items[i], false);
        if (!r)
                r = read_own_sources(reader);
        if (!r)
                r = read_sections(reader, "Source", read_source);
        if (!r)
                r = read_sections(reader, "CA", read_ca);

        return r;
}

static int new_config(struct config **out)
{
        struct config *config = calloc(1, sizeof(*config));

        if (!config)
                return -ENOMEM;

        config->max_doubt_ms = CONFIG_MAX_DOUBT_MS;
        config->max_level = LOG_LEVEL_INFO;
        *out = config;
        return 0;
}

int config_read(const char *path, bool may_lack, struct config **out, char **out_fault)
{
        CLEANUP(config_freep) struct config *config = NULL;
        struct reader reader = { .out_fault = out_fault };
        int r;

        r = new_config(&config);
        if (r)
                return r;

        reader.config = config;
        r = config_rows_read(&reader.rows, path, may_lack, out_fault);
        if (!r)
                r = read_rows(&reader);
        else if (r == CONFIG_ROWS_E_INVALID)
                r = CONFIG_E_INVALID;

        config_rows_deinit(&reader.rows);
        if (r)
                return r;

        *out = TAKE(config);
        return 0;
}

int config_of_store(const char *path, struct config **out)
{
        CLEANUP(config_freep) struct config *config = NULL;
        struct store_source own = { .name = NAMES_DEFAULT_STORE,
                                    .path = path,
                                    .layout = layout_default() };
        int r;

        r = new_config(&config);
        if (!r)
                r = add_store(config, NAMES_DEFAULT_STORE);
        if (!r)
                r = sources_add(config->stores.items[0].sources, &own);
        if (r)
                return r;

        *out = TAKE(config);
        return 0;
}

struct config *config_free(struct config *config)
{
        if (!config)
                return NULL;

        for (size_t i = 0; i < config->stores.n; i++)
                deinit_store(&config->stores.items[i]);
        VEC_FREE(&config->stores);
        free(config);
        return NULL;
}
