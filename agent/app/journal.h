/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Journal - where log lines go: to standard error, each with its importance as "<N>" in front where
 * the journal listens there (JOURNAL_STREAM), and as plain text for anybody else.
 */

#include "base/log.h"

/**
 * journal_open() - a sink of lines up to @max_level; needs no close, and any thread may write to it
 */
struct log journal_open(enum log_level max_level);
