/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Golden - a text that is checked in, so that a change of it is seen.
 */

#include "harness/must.h"
#include "harness/test.h"

/** assert_golden() - @text is exactly what the file at @path holds */
static inline void assert_golden(const char *text, const char *path)
{
        FILE *file = fopen(path, "re");
        char *held = must_calloc(1, 1 << 20);
        size_t n;

        must(file, "%s", path);
        n = fread(held, 1, (1 << 20) - 1, file);
        held[n] = '\0';
        fclose(file);

        if (strcmp(text, held))
                print_message("differs from %s; if this is meant: cmake --build --preset dev "
                              "--target contract\n",
                              path);
        assert_string_equal(text, held);
        free(held);
}
