/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rejections - answers ListRejected: the certificates of a store's rejected lists, its own one and
 * those of read-only sources, with what the recorder knows of them.
 */

struct recorder;
struct service_call;
struct store_state;

/** rejections_list() - answer one ListRejected call; @state: with a snapshot */
void rejections_list(const struct recorder *recorder, const struct store_state *state,
                     const struct service_call *call);
