/* SPDX-License-Identifier: Apache-2.0 */
#include "store/layout.h"

#include "proto/compiler.h"

#include <string.h>

/* clang-format off */

#define AT(at, role)          { at "/certs", role, NULL }, { at "/crl", role, NULL }
#define UNLESS(at, role, dir) { at "/certs", role, dir }, { at "/crl", role, dir }

/* What the agent itself lays down in its folder, whatever the layout of the rest. */
#define OURS { "rejected/certs", ROLE_REJECTED, NULL }, { "blocked", ROLE_BLOCKED, NULL }

/* What the agent writes, and most trees are read by. */
static const struct layout_dir DEFAULT[] = {
        AT("own", ROLE_OWN), AT("trusted", ROLE_TRUSTED), AT("issuers", ROLE_ISSUERS),
        AT("issuer", ROLE_ISSUERS),
        { "rejected", ROLE_REJECTED, NULL }, { "rejected/crl", ROLE_REJECTED, NULL },
        OURS,
};

static const struct layout_dir QT[] = {
        AT("own", ROLE_OWN), AT("trusted", ROLE_TRUSTED), AT("issuers", ROLE_ISSUERS),
        OURS,
};

static const struct layout_dir ANNEX_F[] = {
        AT("own", ROLE_OWN), AT("trusted", ROLE_TRUSTED), AT("issuer", ROLE_ISSUERS),
        OURS,
};

#define OPEN62541(group)                                                                           \
        AT(group "/own", ROLE_OWN), AT(group "/trusted", ROLE_TRUSTED),                            \
        AT(group "/issuer", ROLE_ISSUERS), { group "/rejected/certs", ROLE_REJECTED, NULL }

static const struct layout_dir OPEN62541_APPLICATION[] = { OPEN62541("ApplCerts"), OURS };
static const struct layout_dir OPEN62541_USER[] = { OPEN62541("UserTokenCerts"), OURS };
static const struct layout_dir OPEN62541_HTTPS[] = { OPEN62541("HttpCerts"), OURS };

/* UA-.NETStandard's directory stores; the lists of rejected ones may lie flat. */
static const struct layout_dir NET_APPLICATION[] = {
        AT("own", ROLE_OWN), AT("trusted", ROLE_TRUSTED), AT("issuer", ROLE_ISSUERS),
        { "rejected", ROLE_REJECTED, NULL },
        OURS,
};

#define NET_USER_DIRS                                                                              \
        AT("trustedUser", ROLE_TRUSTED), AT("issuerUser", ROLE_ISSUERS),                           \
        { "rejectedUser", ROLE_REJECTED, NULL }, { "rejectedUser/certs", ROLE_REJECTED, NULL }
#define NET_HTTPS_DIRS AT("trustedHttps", ROLE_TRUSTED), AT("issuerHttps", ROLE_ISSUERS)

static const struct layout_dir NET_USER[] = { NET_USER_DIRS, OURS };
static const struct layout_dir NET_HTTPS[] = { NET_HTTPS_DIRS, OURS };

/* Before 0.4 Milo wrote "crls". */
static const struct layout_dir MILO[] = {
        AT("trusted", ROLE_TRUSTED), { "trusted/crls", ROLE_TRUSTED, NULL },
        AT("issuers", ROLE_ISSUERS), { "issuers/crls", ROLE_ISSUERS, NULL },
        { "rejected", ROLE_REJECTED, NULL },
        OURS,
};

static const struct layout_dir NODE_OPCUA[] = {
        AT("own", ROLE_OWN), AT("trusted", ROLE_TRUSTED), AT("issuers", ROLE_ISSUERS),
        { "rejected", ROLE_REJECTED, NULL },
        OURS,
};

/*
 * What was pushed to S2OPC lies in a tree of its own, which it reads in place of what it was
 * delivered with. Reading: also where that tree is empty or bad, in which case S2OPC falls back.
 */
#define UPDATED "updatedTrustList"
#define S2OPC_DIRS                                                                                 \
        AT(UPDATED "/trusted", ROLE_TRUSTED), AT(UPDATED "/issuers", ROLE_ISSUERS),                \
        UNLESS("trusted", ROLE_TRUSTED, UPDATED), UNLESS("issuers", ROLE_ISSUERS, UPDATED),        \
        { "rejected", ROLE_REJECTED, NULL }

static const struct layout_dir S2OPC[] = { S2OPC_DIRS, OURS };

static const struct layout_dir AUTO_APPLICATION[] = {
        S2OPC_DIRS, AT("own", ROLE_OWN), UNLESS("issuer", ROLE_ISSUERS, UPDATED),
        { "trusted/crls", ROLE_TRUSTED, UPDATED }, { "issuers/crls", ROLE_ISSUERS, UPDATED },
        { "rejected/crl", ROLE_REJECTED, NULL },
        OPEN62541("ApplCerts"),
        OURS,
};

static const struct layout_dir AUTO_USER[] = {
        NET_USER_DIRS, OPEN62541("UserTokenCerts"), OURS
};
static const struct layout_dir AUTO_HTTPS[] = { NET_HTTPS_DIRS, OPEN62541("HttpCerts"), OURS };

static const struct row {
        enum layout_group group;
        struct layout layout;
} LAYOUTS[] = {
#define LAYOUT(name, dirs, is_written) { name, dirs, ARRAY_SIZE(dirs), is_written, false }
        { LAYOUT_APPLICATION, LAYOUT("default", DEFAULT, true) },
        { LAYOUT_APPLICATION, LAYOUT("qt", QT, true) },
        { LAYOUT_APPLICATION, LAYOUT("annex-f", ANNEX_F, true) },
        { LAYOUT_APPLICATION, LAYOUT("open62541", OPEN62541_APPLICATION, true) },
        { LAYOUT_USER, LAYOUT("open62541", OPEN62541_USER, true) },
        { LAYOUT_HTTPS, LAYOUT("open62541", OPEN62541_HTTPS, true) },
        { LAYOUT_APPLICATION, LAYOUT("net", NET_APPLICATION, true) },
        { LAYOUT_USER, LAYOUT("net", NET_USER, true) },
        { LAYOUT_HTTPS, LAYOUT("net", NET_HTTPS, true) },
        { LAYOUT_APPLICATION, LAYOUT("milo", MILO, true) },
        { LAYOUT_APPLICATION, LAYOUT("node-opcua", NODE_OPCUA, true) },
        { LAYOUT_APPLICATION, LAYOUT("s2opc", S2OPC, false) },
        { LAYOUT_APPLICATION, LAYOUT("auto", AUTO_APPLICATION, false) },
        { LAYOUT_USER, LAYOUT("auto", AUTO_USER, false) },
        { LAYOUT_HTTPS, LAYOUT("auto", AUTO_HTTPS, false) },
};

static const char *const GROUPS[LAYOUT_GROUP_N] = {
        [LAYOUT_APPLICATION] = "application",
        [LAYOUT_USER] = "user",
        [LAYOUT_HTTPS] = "https",
};
/* clang-format on */

static const char *const TEMPORARY_ENDINGS[] = {
        "~", ".tmp", ".temp", ".part", ".swp", ".swx", ".dpkg-new", ".dpkg-tmp",
};

const struct layout *layout_default(void)
{
        return &LAYOUTS[0].layout;
}

const struct layout *layout_find(const char *name, enum layout_group group)
{
        for (size_t i = 0; i < ARRAY_SIZE(LAYOUTS); i++) {
                if (LAYOUTS[i].group == group && strcmp(LAYOUTS[i].layout.name, name) == 0)
                        return &LAYOUTS[i].layout;
        }
        return NULL;
}

bool layout_find_group(const char *name, enum layout_group *out)
{
        for (size_t i = 0; i < LAYOUT_GROUP_N; i++) {
                if (strcmp(name, GROUPS[i]) == 0) {
                        *out = (enum layout_group)i;
                        return true;
                }
        }
        return false;
}

bool layout_has_dir(const struct layout *layout, const char *path, const char *name)
{
        size_t n = strlen(path);

        for (size_t i = 0; i < layout->n_dirs; i++) {
                const char *other = layout->dirs[i].path;

                if (strncmp(other, path, n) == 0 && other[n] == '/' &&
                    strcmp(other + n + 1, name) == 0)
                        return true;
        }
        return false;
}

static bool ends_with(const char *name, const char *ending)
{
        size_t n = strlen(name), n_ending = strlen(ending);

        return n > n_ending && strcmp(name + n - n_ending, ending) == 0;
}

const char *layout_find_target(const struct layout *layout, enum role role, bool is_crl)
{
        const char *any = NULL;

        for (size_t i = 0; layout->is_written && i < layout->n_dirs; i++) {
                const struct layout_dir *dir = &layout->dirs[i];

                if (dir->role != role)
                        continue;
                if (ends_with(dir->path, is_crl ? "/crl" : "/certs"))
                        return dir->path;
                if (!any)
                        any = dir->path;
        }
        return any;
}

bool layout_is_temporary(const char *name)
{
        if (name[0] == '.' || name[0] == '#')
                return true;

        for (size_t i = 0; i < ARRAY_SIZE(TEMPORARY_ENDINGS); i++) {
                if (ends_with(name, TEMPORARY_ENDINGS[i]))
                        return true;
        }
        return false;
}
