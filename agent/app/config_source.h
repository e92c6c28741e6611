/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config source - what the configuration says of the folders of a store: a section [Source NAME],
 * or, of the store's own folder, its section [Store NAME]. A section means something as a whole.
 *
 *         Store=                          of which store; default: default
 *         Path=                           the folder, absolute
 *         Layout=                         see store/layout.h; default: auto, of a store's own
 *                                         folder: default
 *         Group=                          application, user or https
 *         Settle=                         see struct store_source
 *         Trusted= TrustedCrl= Issuers= IssuersCrl= Own= Rejected= Blocked=
 *                                         in place of a layout: directories, absolute or below
 *                                         Path=; each is to be there
 */

#include <stdbool.h>
#include <stddef.h>

struct sources;

#define CONFIG_SOURCES_MAX 64 /* of one store, its own folder not counted */

enum config_source_key {
        CONFIG_SOURCE_STORE,
        CONFIG_SOURCE_PATH,
        CONFIG_SOURCE_LAYOUT,
        CONFIG_SOURCE_GROUP,
        CONFIG_SOURCE_SETTLE,
        CONFIG_SOURCE_TRUSTED, /* from here on: directories */
        CONFIG_SOURCE_TRUSTED_CRL,
        CONFIG_SOURCE_ISSUERS,
        CONFIG_SOURCE_ISSUERS_CRL,
        CONFIG_SOURCE_OWN,
        CONFIG_SOURCE_REJECTED,
        CONFIG_SOURCE_BLOCKED,
        CONFIG_SOURCE_N, /* no key; in a fault: the section itself */
};

enum {
        CONFIG_SOURCE_E_INVALID = 1,
};

/** config_source_keys() - their names, "Store" first; CONFIG_SOURCE_N of them */
const char *const *config_source_keys(void);

struct config_source {
        const char *name;                    /* of the section, without its kind */
        const char *values[CONFIG_SOURCE_N]; /* as written; NULL: not said */
        bool is_own; /* [Store NAME], of which only Path=, Layout= and Group= are looked at */
};

struct config_source_fault {
        enum config_source_key key; /* which value is wrong */
        char *reason;               /* for people; free() it */
};

/**
 * config_source_add() - append what a section says to the sources of its store
 * @out_fault: written on CONFIG_SOURCE_E_INVALID only
 *
 * Return: 0, CONFIG_SOURCE_E_INVALID, or -ENOMEM.
 */
int config_source_add(const struct config_source *section, struct sources *sources,
                      struct config_source_fault *out_fault);
