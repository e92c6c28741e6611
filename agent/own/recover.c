/* SPDX-License-Identifier: Apache-2.0 */
#include "own/recover.h"

#include "own/arguments.h"
#include "own/verb.h"
#include "own/work.h"

static const char TEXT[] =
        "usage: uatrust own recover --directory DIR [OPTION...]\n"
        "\n"
        "Where a run that replaced a certificate and its key was interrupted: finishes\n"
        "it, or undoes it, so that the two belong together. The other verbs that change\n"
        "anything begin with this.\n";

int recover_run(int argc, char **argv)
{
        CLEANUP(arguments_deinit) struct arguments arguments = ARGUMENTS_NULL;
        CLEANUP(work_close) struct work work = WORK_NULL;
        int r = arguments_read(ARGUMENTS_RECOVER, TEXT, argc, argv, &arguments);

        if (r >= 0)
                return r;

        r = work_open(&arguments, PLACE_WRITE, &work);
        if (r)
                return r;

        work_end(&work, work.place.was_interrupted ? "recovered" : "unchanged",
                 work.place.was_interrupted, work.old.cert);
        return VERB_EXIT_OK;
}
