/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer news - how a watched peer stands, in the words of the wire.
 */

struct message_peer_state;
struct peer;
struct peer_finding;
struct service_call;

/** peer_news_state() - what was told of it last; @out borrows from @peer */
void peer_news_state(const struct peer *peer, struct message_peer_state *out);

/**
 * peer_news_send() - reply it to a WatchPeers call, with its verdict
 *
 * Where memory is short, with a verdict without findings and chain. The reply may end the call.
 */
void peer_news_send(const struct peer *peer, const struct peer_finding *finding,
                    const char *agent_id, const struct service_call *call);
