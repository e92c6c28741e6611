/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scene - a store and one question about it: FOLDER/NAME/store/... and FOLDER/NAME/request.json, a whole frame.
 */

#include "harness/mint.h"
#include "proto/buf.h"

struct scene {
        char path[512];
        struct buf certificates; /* JSON */
};

/** scene_begin() - @folder: of all scenes */
void scene_begin(struct scene *scene, const char *folder, const char *name);

/** scene_store() - put @der, taken, into the store as @file, "trusted/certs/a.der" */
void scene_store(struct scene *scene, const char *file, struct mint_der der);

/** scene_present() - present @der, taken; the certificate in question first */
void scene_present(struct scene *scene, struct mint_der der);

/** scene_end() - write the question */
void scene_end(struct scene *scene);

/** scene_end_with() - write @frame, taken and with its NUL, in place of a question made of what was presented */
void scene_end_with(struct scene *scene, struct mint_der frame);
