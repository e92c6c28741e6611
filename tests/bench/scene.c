/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/scene.h"

#include "bench/files.h"
#include "harness/must.h"
#include "proto/base64.h"

void scene_begin(struct scene *scene, const char *folder, const char *name)
{
        int n;

        *scene = (struct scene){ 0 };
        n = snprintf(scene->path, sizeof(scene->path), "%s/%s", folder, name);
        must(n > 0 && (size_t)n < sizeof(scene->path), "%s is short enough", folder);
        files_write(scene->path, "store/trusted/certs/.keep", "", 0);
}

void scene_store(struct scene *scene, const char *file, struct mint_der der)
{
        char name[128];
        int n = snprintf(name, sizeof(name), "store/%s", file);

        must(n > 0 && (size_t)n < sizeof(name), "%s is short enough", file);
        files_write(scene->path, name, der.data, der.n);
        mint_der_deinit(&der);
}

void scene_present(struct scene *scene, struct mint_der der)
{
        buf_add_text(&scene->certificates, scene->certificates.n ? ",\"" : "\"");
        base64_encode(der.data, der.n, &scene->certificates);
        buf_add_byte(&scene->certificates, '"');
        mint_der_deinit(&der);
}

void scene_end(struct scene *scene)
{
        struct buf frame = BUF_NULL;

        buf_add_text(&frame, "{\"method\":\"org.uatrust.agent1.Validate\",\"parameters\":{"
                             "\"certificates\":[");
        buf_add(&frame, scene->certificates.data, scene->certificates.n);
        buf_add_text(&frame, "],\"purpose\":\"client\"}}");
        buf_add_byte(&frame, '\0');
        must(!buf_error(&scene->certificates) && !buf_error(&frame), "a question");
        files_write(scene->path, "request.json", frame.data, frame.n);
        buf_deinit(&frame);
        buf_deinit(&scene->certificates);
}

void scene_end_with(struct scene *scene, struct mint_der frame)
{
        files_write(scene->path, "request.json", frame.data, frame.n);
        mint_der_deinit(&frame);
        buf_deinit(&scene->certificates);
}
