/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Place - where an application's own certificate and key lie: two directories of its PKI folder, as
 * the folder's layout has them, own/certs and own/private beside it, opened and locked.
 *
 * Certificate and key have the same root name: own/certs/NAME.der, own/private/NAME.pem. What is
 * there under another ending, as .crt or .pfx, keeps it.
 *
 * Run by root for another user's folder, the process becomes that user before it touches anything
 * in it: then what it makes belongs to him, and no link of his leads it elsewhere.
 *
 * Spec: OPC 10000-12 F.1.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct layout;

#define PLACE_NAMES_MAX 1000 /* certificates, or keys, in one folder; more are a complaint */

struct place_options {
        const char *directory; /* the PKI folder */
        const char *layout;    /* NULL: open62541's if its ApplCerts is there, else the default */
        const char *name;      /* the root of the files' names; NULL: the only pair's */
};

struct place {
        int folder_fd;
        const struct layout *layout;
        char *certs, *keys;     /* paths of the directories */
        int certs_fd, keys_fd;  /* -1: not there */
        bool was_interrupted;   /* an earlier run was, and what it left was put in order */
        char *name;             /* NULL: no pair is there, and none was named */
        char *cert_name;        /* file name of the certificate, there or to be made */
        char *key_name;         /* the same of the key */
        bool has_cert, has_key; /* are they there? */
};

#define PLACE_NULL                                                                                 \
        {                                                                                          \
                .folder_fd = -1, .certs_fd = -1, .keys_fd = -1                                     \
        }

enum place_access {
        PLACE_READ,  /* a directory may be missing */
        PLACE_WRITE, /* locks, and puts in order what an interrupted run left (own/swap) */
        PLACE_MAKE,  /* the same, and makes directories that are missing, that of keys 0700 */
};

/**
 * place_open() - find, and make, the directories, become their owner, see which pair is there
 * @out: place_deinit() it
 *
 * Return: 0, or an exit code after a complaint.
 */
int place_open(const struct place_options *options, enum place_access access, struct place *out);

void place_deinit(struct place *place);

/**
 * place_name() - where place->name is NULL: give the pair a name, with default endings
 * @is_pfx: the key's file is to be PKCS#12
 *
 * Return: 0, or an exit code after a complaint.
 */
int place_name(struct place *place, const char *name, bool is_pfx);

/** place_cert_path(), place_key_path() - for people; free() it; NULL: out of memory */
char *place_cert_path(const struct place *place);
char *place_key_path(const struct place *place);

/** place_path() - of a file of the directory of keys; free() it; NULL: out of memory */
char *place_path(const struct place *place, const char *file_name);
