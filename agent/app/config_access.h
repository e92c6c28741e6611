/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config access - who may do what with a store, as the administrator wrote it:
 *
 *         Readers=     ua-server @operators unit:historian.service
 *         Writers=     ua-server
 *         Recorders=   @ua-servers
 *
 * Names become numbers here, once, so that nothing is looked up when somebody asks; a name that the
 * host does not know is a fault of the configuration, not somebody to wait for. A number stands for
 * itself: containers have users without names.
 */

struct access;

enum {
        CONFIG_ACCESS_E_UNKNOWN_KEY = 1,
        CONFIG_ACCESS_E_BAD_VALUE = 2,
};

/**
 * config_access_set() - take one key of a [Store NAME] section
 * @value:      names parted by blanks or commas; "@" before a group, "unit:" before a unit of the
 *              service manager (Readers= only); none at all: nobody
 * @out_reason: what is wrong with the value; written for CONFIG_ACCESS_E_BAD_VALUE only; free() it
 *
 * Cost: may ask the host's name services, and wait for them.
 *
 * Return: 0, a CONFIG_ACCESS_E_* condition, or -ENOMEM.
 */
int config_access_set(struct access *access, const char *key, const char *value, char **out_reason);
