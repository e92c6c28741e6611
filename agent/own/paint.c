/* SPDX-License-Identifier: Apache-2.0 */
#include "own/paint.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_colour(void)
{
        const char *no_colour = getenv("NO_COLOR");
        const char *kind = getenv("TERM");

        return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && kind && strcmp(kind, "dumb");
}

void paint(enum paint colour)
{
        static const char *const SEQUENCES[] = {
                [PAINT_PLAIN] = "\033[0m",
                [PAINT_BAD] = "\033[1;31m",
                [PAINT_WARN] = "\033[33m",
                [PAINT_BOLD] = "\033[1m",
        };

        if (has_colour())
                fputs(SEQUENCES[colour], stdout);
}
