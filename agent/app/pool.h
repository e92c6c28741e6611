/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pool - the executor of the service: its jobs on libuv's workers, a fair lane a user.
 */

#include "service/executor.h"

struct work;

/** pool_executor() - @work: outlives the executor */
struct executor pool_executor(struct work *work);
