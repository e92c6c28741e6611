/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Loader - has large files of one store loaded, one after another, in the lane that all stores share
 * for it, so that neither the store's own lane nor all workers are busy with them.
 */

#include "proto/compiler.h"

#include <stdint.h>

struct large;
struct loader;
struct work;

/** The lane of large files; no store has it. */
#define LOADER_LANE UINT64_MAX

/**
 * loader_done_fn - a file was loaded: loader_take() it
 * @r: 0, or a negative errno: it was not, and is no longer the loader's
 */
typedef void (*loader_done_fn)(int r, void *userdata);

/** loader_new() - @work outlives it; Return: 0 or -ENOMEM */
int loader_new(struct work *work, loader_done_fn done, void *userdata, struct loader **out);

/** loader_free() - a job that runs ends by itself; takes NULL; Return: NULL */
struct loader *loader_free(struct loader *loader);
DEFINE_CLEANUP(struct loader *, loader_free)

/**
 * loader_start() - load a file, unless one is being loaded, or was and is not taken yet
 * @large: taken, also on failure, and where nothing was started: it will be asked for again
 *
 * Return: 0 or -ENOMEM.
 */
int loader_start(struct loader *loader, struct large *large);

/** loader_take() - what was loaded, the caller's from now on; NULL: nothing */
struct large *loader_take(struct loader *loader);
