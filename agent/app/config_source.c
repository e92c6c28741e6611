/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_source.h"

#include "app/config_time.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "store/layout.h"
#include "store/sources.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_DIR CONFIG_SOURCE_TRUSTED
#define N_DIRS    (CONFIG_SOURCE_N - FIRST_DIR)

static const char *const KEYS[CONFIG_SOURCE_N] = {
        [CONFIG_SOURCE_STORE] = "Store",
        [CONFIG_SOURCE_PATH] = "Path",
        [CONFIG_SOURCE_LAYOUT] = "Layout",
        [CONFIG_SOURCE_GROUP] = "Group",
        [CONFIG_SOURCE_SETTLE] = "Settle",
        [CONFIG_SOURCE_TRUSTED] = "Trusted",
        [CONFIG_SOURCE_TRUSTED_CRL] = "TrustedCrl",
        [CONFIG_SOURCE_ISSUERS] = "Issuers",
        [CONFIG_SOURCE_ISSUERS_CRL] = "IssuersCrl",
        [CONFIG_SOURCE_OWN] = "Own",
        [CONFIG_SOURCE_REJECTED] = "Rejected",
        [CONFIG_SOURCE_BLOCKED] = "Blocked",
};

static const enum role ROLES[N_DIRS] = {
        [CONFIG_SOURCE_TRUSTED - FIRST_DIR] = ROLE_TRUSTED,
        [CONFIG_SOURCE_TRUSTED_CRL - FIRST_DIR] = ROLE_TRUSTED,
        [CONFIG_SOURCE_ISSUERS - FIRST_DIR] = ROLE_ISSUERS,
        [CONFIG_SOURCE_ISSUERS_CRL - FIRST_DIR] = ROLE_ISSUERS,
        [CONFIG_SOURCE_OWN - FIRST_DIR] = ROLE_OWN,
        [CONFIG_SOURCE_REJECTED - FIRST_DIR] = ROLE_REJECTED,
        [CONFIG_SOURCE_BLOCKED - FIRST_DIR] = ROLE_BLOCKED,
};

/* One section at hand. */
struct task {
        const struct config_source *section;
        struct store_source source;
        struct config_source_fault *out_fault;
};

const char *const *config_source_keys(void)
{
        return KEYS;
}

static int PRINTF(3, 4)
        refuse(const struct task *task, enum config_source_key key, const char *format, ...)
{
        va_list arguments;
        int n;

        task->out_fault->key = key;
        va_start(arguments, format);
        n = vasprintf(&task->out_fault->reason, format, arguments);
        va_end(arguments);
        return n < 0 ? -ENOMEM : CONFIG_SOURCE_E_INVALID;
}

/* -- directories by name ----------------------------------------------------------------------- */

static bool has_named_dirs(const struct config_source *section)
{
        for (size_t i = FIRST_DIR; i < CONFIG_SOURCE_N; i++) {
                if (section->values[i])
                        return true;
        }
        return false;
}

static int check_dir(const struct task *task, enum config_source_key key)
{
        const char *const *values = task->section->values;

        if (values[key][0] == '\0')
                return refuse(task, key, "%s= is a directory", KEYS[key]);
        if (values[key][0] != '/' && !values[CONFIG_SOURCE_PATH])
                return refuse(task, key, "%s= is relative, to a Path= that is not said", KEYS[key]);

        for (enum config_source_key i = FIRST_DIR; i < key; i++) {
                if (values[i] && strcmp(values[i], values[key]) == 0)
                        return refuse(task, key, "%s= is the directory of %s= already", KEYS[key],
                                      KEYS[i]);
        }
        return 0;
}

/* Content tells certificates and CRLs apart, so both may lie in any of them. */
static int add_named(struct task *task, struct sources *sources)
{
        const char *const *values = task->section->values;
        struct layout_dir dirs[N_DIRS];
        struct layout layout = { .name = "named", .dirs = dirs, .is_named = true };

        for (enum config_source_key i = CONFIG_SOURCE_LAYOUT; i <= CONFIG_SOURCE_GROUP; i++) {
                if (values[i])
                        return refuse(task, i, "%s= does not go together with named directories",
                                      KEYS[i]);
        }

        for (enum config_source_key i = FIRST_DIR; i < CONFIG_SOURCE_N; i++) {
                int r;

                if (!values[i])
                        continue;
                r = check_dir(task, i);
                if (r)
                        return r;
                dirs[layout.n_dirs++] =
                        (struct layout_dir){ .path = values[i], .role = ROLES[i - FIRST_DIR] };
        }

        if (!task->source.path)
                task->source.path = "/";
        task->source.layout = &layout;
        return sources_add(sources, &task->source);
}

/* -- directories by layout --------------------------------------------------------------------- */

static int find_layout(struct task *task)
{
        const char *const *values = task->section->values;
        const char *name = values[CONFIG_SOURCE_LAYOUT];
        const char *group_name = values[CONFIG_SOURCE_GROUP];
        enum layout_group group = LAYOUT_APPLICATION;
        bool is_name;

        if (!name)
                name = task->section->is_own ? "default" : "auto";
        if (group_name && !layout_find_group(group_name, &group))
                return refuse(task, CONFIG_SOURCE_GROUP,
                              "Group= is application, user or https, not \"%.64s\"", group_name);

        task->source.layout = layout_find(name, group);
        if (task->source.layout)
                return 0;

        is_name = layout_find(name, LAYOUT_APPLICATION);
        if (is_name)
                return refuse(task, CONFIG_SOURCE_GROUP,
                              "the layout %s has no list of its own for %s", name, group_name);
        return refuse(task, CONFIG_SOURCE_LAYOUT,
                      "Layout= is auto, default, qt, annex-f, open62541, net, milo, node-opcua or "
                      "s2opc, not \"%.64s\"",
                      name);
}

static int add_layout(struct task *task, struct sources *sources)
{
        int r;

        if (!task->source.path)
                return refuse(task, CONFIG_SOURCE_N, "a source has a Path=, or named directories");

        r = find_layout(task);
        return r ? r : sources_add(sources, &task->source);
}

/* -- all of it --------------------------------------------------------------------------------- */

static int check_name(const struct task *task, const struct sources *sources)
{
        const char *name = task->section->name;

        if (!names_is_store(name))
                return refuse(task, CONFIG_SOURCE_N,
                              "a source's name has 1 to 63 of a-z, 0-9 and _, unlike \"%.80s\"",
                              name);
        if (sources->list.n > CONFIG_SOURCES_MAX)
                return refuse(task, CONFIG_SOURCE_N, "more than %d sources of one store",
                              CONFIG_SOURCES_MAX);

        for (size_t i = 0; i < sources->list.n; i++) {
                if (strcmp(sources->list.items[i].name, name) == 0)
                        return refuse(task, CONFIG_SOURCE_N,
                                      "a source has a name of its own, other than its store's");
        }
        return 0;
}

static int check_values(struct task *task)
{
        const char *const *values = task->section->values;
        const char *path = values[CONFIG_SOURCE_PATH], *settle = values[CONFIG_SOURCE_SETTLE];

        if (path && path[0] != '/')
                return refuse(task, CONFIG_SOURCE_PATH, "Path= is an absolute path, not \"%.64s\"",
                              path);
        if (settle && !config_time_read(settle, 0, CONFIG_TIME_MAX_MS, &task->source.settle_ms))
                return refuse(task, CONFIG_SOURCE_SETTLE,
                              "Settle= is a time of 0 to 60s, not \"%.64s\"", settle);
        return 0;
}

int config_source_add(const struct config_source *section, struct sources *sources,
                      struct config_source_fault *out_fault)
{
        struct task task = {
                .section = section,
                .source = { .name = section->name, .path = section->values[CONFIG_SOURCE_PATH] },
                .out_fault = out_fault,
        };
        int r;

        if (!section->is_own)
                task.source.settle_ms = SOURCES_SETTLE_MS;

        r = section->is_own ? 0 : check_name(&task, sources);
        if (!r)
                r = check_values(&task);
        if (r)
                return r;

        return !section->is_own && has_named_dirs(section) ? add_named(&task, sources)
                                                           : add_layout(&task, sources);
}
