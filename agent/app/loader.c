/* SPDX-License-Identifier: Apache-2.0 */
#include "app/loader.h"

#include "loop/work.h"
#include "store/large.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct loader {
        struct work *work;
        loader_done_fn done;
        void *userdata;
        struct work_job *job; /* NULL: nothing is being loaded */
        struct large *loaded; /* or NULL */
};

struct errand {
        struct loader *loader; /* not to be touched if the job was cancelled */
        struct large *large;
        int r;
};

int loader_new(struct work *work, loader_done_fn done, void *userdata, struct loader **out)
{
        struct loader *loader = calloc(1, sizeof(*loader));

        if (!loader)
                return -ENOMEM;

        *loader = (struct loader){ .work = work, .done = done, .userdata = userdata };
        *out = loader;
        return 0;
}

struct loader *loader_free(struct loader *loader)
{
        if (!loader)
                return NULL;

        if (loader->job)
                work_cancel(loader->job);
        large_free(loader->loaded);
        free(loader);
        return NULL;
}

static void on_run(void *userdata)
{
        struct errand *errand = userdata;

        errand->r = large_load(errand->large);
}

static void on_done(bool is_cancelled, void *userdata)
{
        CLEANUP(freep) struct errand *errand = userdata;
        CLEANUP(large_freep) struct large *large = errand->large;
        struct loader *loader = errand->loader;

        if (is_cancelled)
                return;

        loader->job = NULL;
        if (!errand->r)
                loader->loaded = TAKE(large);
        loader->done(errand->r, loader->userdata);
}

int loader_start(struct loader *loader, struct large *large)
{
        CLEANUP(large_freep) struct large *owned = large;
        CLEANUP(freep) struct errand *errand = NULL;
        struct work_task task = { .run = on_run, .done = on_done };
        int r;

        if (loader->job || loader->loaded)
                return 0;

        errand = malloc(sizeof(*errand));
        if (!errand)
                return -ENOMEM;

        *errand = (struct errand){ .loader = loader, .large = owned };
        task.userdata = errand;
        r = work_submit(loader->work, LOADER_LANE, &task, &loader->job);
        if (r)
                return r;

        TAKE(errand);
        TAKE(owned);
        return 0;
}

struct large *loader_take(struct loader *loader)
{
        return TAKE(loader->loaded);
}
