/* SPDX-License-Identifier: Apache-2.0 */
#include "aging.h"

#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct aging {
        struct uatrust_freshness **stores;
        size_t n_stores;
        struct uatrust_weakenings *weakenings; /* NULL: not told */
};

/*
 * -- asking -------------------------------------------------------------------------------------
 */

/* An agent that is older, keeps a store from us, or has just lost it: no reason to show nothing. */
static bool is_left_out(int code)
{
        return code == UATRUST_E_METHOD_NOT_FOUND || code == UATRUST_E_METHOD_NOT_IMPLEMENTED ||
               code == UATRUST_E_PERMISSION_DENIED || code == UATRUST_E_STORE_NOT_READY ||
               code == UATRUST_E_NO_SUCH_STORE;
}

static int leave_out(int code, struct uatrust_error **error)
{
        if (!is_left_out(code))
                return code;

        uatrust_error_free(*error);
        *error = NULL;
        return 0;
}

static int ask_store(struct uatrust_client *client, const struct uatrust_store *store,
                     struct aging *aging, struct uatrust_error **error)
{
        int code;

        if (!uatrust_store_is_ready(store))
                return 0;

        code = uatrust_get_freshness(client, uatrust_store_get_name(store),
                                     &aging->stores[aging->n_stores], error);
        if (code)
                return leave_out(code, error);

        aging->n_stores++;
        return 0;
}

static size_t count(const struct uatrust_stores *stores)
{
        size_t n = 0;

        while (uatrust_stores_get_store(stores, n))
                n++;
        return n;
}

int aging_ask(struct uatrust_client *client, const struct uatrust_stores *stores,
              struct aging **out, struct uatrust_error **error)
{
        struct aging *aging = calloc(1, sizeof(*aging));
        size_t n = count(stores);
        int code = 0;

        if (aging)
                aging->stores = calloc(n + 1, sizeof(*aging->stores));
        if (!aging || !aging->stores)
                code = UATRUST_E_NO_MEMORY;

        for (size_t i = 0; i < n && !code; i++)
                code = ask_store(client, uatrust_stores_get_store(stores, i), aging, error);
        if (!code)
                code = leave_out(uatrust_list_weakenings(client, &aging->weakenings, error), error);
        if (code)
                aging_free(aging);
        else
                *out = aging;
        return code;
}

void aging_free(struct aging *aging)
{
        if (!aging)
                return;

        for (size_t i = 0; i < aging->n_stores; i++)
                uatrust_freshness_free(aging->stores[i]);
        free(aging->stores);
        uatrust_weakenings_free(aging->weakenings);
        free(aging);
}

/*
 * -- for people ---------------------------------------------------------------------------------
 */

static void warn(const char *store, const char *text)
{
        output_colour(OUTPUT_WARN);
        if (store) {
                fputs("store ", stdout);
                output_text(stdout, store);
                fputs(": ", stdout);
        }
        fputs(text, stdout);
        output_colour(OUTPUT_PLAIN);
}

/* In a line each, what is about no single certificate. */
static void print_lines(const struct aging *aging)
{
        char text[32];
        int64_t since_s;

        for (size_t i = 0; i < aging->n_stores; i++) {
                const struct uatrust_freshness *store = aging->stores[i];

                if (i == 0 && !uatrust_freshness_is_clock_plausible(store))
                        warn(NULL,
                             "\nthe clock of this host stands wrong: it is later than that\n");
                if (!uatrust_freshness_is_out_of_date(store) ||
                    !uatrust_freshness_get_last_update_time(store, &since_s))
                        continue;
                putchar('\n');
                warn(uatrust_freshness_get_store(store), "not updated since ");
                puts(output_time(since_s, text));
        }
}

static void add_time(struct output_table *table, bool has, int64_t time_s)
{
        char text[32];

        output_table_add(table, has ? output_time(time_s, text) : "-");
}

static void add_headings(struct output_table *table, const char *const *headings)
{
        for (size_t i = 0; i < table->n_columns; i++)
                output_table_add(table, headings[i]);
}

/* Behind an empty line, if there is more than the headings. */
static void print_table(struct output_table *table)
{
        if (table->n_cells > table->n_columns) {
                putchar('\n');
                output_table_print(table);
                return;
        }
        for (size_t i = 0; i < table->n_cells; i++)
                free(table->cells[i]);
        free(table->cells);
}

static void add_authority(struct output_table *table, const char *store,
                          const struct uatrust_authority *authority)
{
        int64_t until_s = 0;
        bool has_until;

        output_table_add(table, store);
        output_table_add(table, uatrust_authority_get_subject(authority));
        output_table_add(table, uatrust_authority_get_list(authority));
        output_table_add(table, uatrust_authority_is_in_grace(authority)
                                        ? "outOfDate, in grace"
                                        : uatrust_authority_get_state(authority));
        has_until = uatrust_authority_get_next_update(authority, &until_s);
        add_time(table, has_until, until_s);
        output_table_add(table, uatrust_authority_get_revocation_check(authority));
}

static void print_authorities(const struct aging *aging)
{
        static const char *const HEADINGS[] = {
                "STORE", "CA", "LIST", "CRL", "NEXT UPDATE", "CHECK"
        };
        struct output_table table = { .n_columns = 6 };
        const struct uatrust_authority *authority;

        add_headings(&table, HEADINGS);
        for (size_t i = 0; i < aging->n_stores; i++)
                for (size_t j = 0;
                     (authority = uatrust_freshness_get_authority(aging->stores[i], j)); j++)
                        add_authority(&table, uatrust_freshness_get_store(aging->stores[i]),
                                      authority);
        print_table(&table);
}

static void print_expiries(const struct aging *aging)
{
        static const char *const HEADINGS[] = { "STORE", "CERTIFICATE", "LIST", "STATE",
                                                "NOT AFTER" };
        struct output_table table = { .n_columns = 5 };
        const struct uatrust_expiry *expiry;

        add_headings(&table, HEADINGS);
        for (size_t i = 0; i < aging->n_stores; i++)
                for (size_t j = 0; (expiry = uatrust_freshness_get_expiry(aging->stores[i], j));
                     j++) {
                        output_table_add(&table, uatrust_freshness_get_store(aging->stores[i]));
                        output_table_add(&table, uatrust_expiry_get_subject(expiry));
                        output_table_add(&table, uatrust_expiry_get_list(expiry));
                        output_table_add(&table, uatrust_expiry_get_state(expiry));
                        add_time(&table, true, uatrust_expiry_get_not_after(expiry));
                }
        print_table(&table);
}

static void print_weakenings(const struct aging *aging)
{
        static const char *const HEADINGS[] = { "STORE", "WEAKENED BY", "VALUE", "FOR" };
        struct output_table table = { .n_columns = 4 };
        const struct uatrust_weakening *weakening;

        if (!aging->weakenings)
                return;

        add_headings(&table, HEADINGS);
        for (size_t i = 0; (weakening = uatrust_weakenings_get_weakening(aging->weakenings, i));
             i++) {
                const char *subject = uatrust_weakening_get_subject(weakening);

                output_table_add(&table, uatrust_weakening_get_store(weakening));
                output_table_add(&table, uatrust_weakening_get_setting(weakening));
                output_table_add(&table, uatrust_weakening_get_value(weakening));
                output_table_add(&table, subject ? subject : "all");
        }
        print_table(&table);
}

void aging_print(const struct aging *aging)
{
        print_lines(aging);
        print_authorities(aging);
        print_expiries(aging);
        print_weakenings(aging);
}

/*
 * -- for machines -------------------------------------------------------------------------------
 */

void aging_print_json(const struct aging *aging)
{
        fputs("\"freshness\":[", stdout);
        for (size_t i = 0; i < aging->n_stores; i++) {
                if (i)
                        putchar(',');
                output_json(uatrust_freshness_to_json(aging->stores[i]));
        }
        fputs("],\"weakenings\":", stdout);
        output_json(aging->weakenings ? uatrust_weakenings_to_json(aging->weakenings) : NULL);
}
