/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parts - a revocation list that comes in parts, which are put together: the replies of ReadCrl.
 */

struct paging;
struct uatrust_error;

/** parts_take() - as paging_take(), of a paging of ReadCrl */
int parts_take(struct paging *paging, void *part, struct uatrust_error **error);
