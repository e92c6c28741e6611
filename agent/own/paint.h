/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Paint - colour on a terminal, unless NO_COLOR says otherwise.
 */

enum paint {
        PAINT_PLAIN,
        PAINT_BAD,
        PAINT_WARN,
        PAINT_BOLD,
};

/** paint() - what follows on stdout is of this colour, if stdout is a terminal */
void paint(enum paint colour);
