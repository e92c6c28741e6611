// SPDX-License-Identifier: Apache-2.0

/**
 * Held - the sessions and channels that stand on each watched certificate: many may stand on one, which is watched once.
 */

import { createHash } from "node:crypto";

import { CUTS } from "../watch.js";

function keyOf(peer) {
    const { certificates, ...rest } = peer;
    const hash = createHash("sha256").update(JSON.stringify(rest));
    for (const der of certificates) hash.update(der);
    return hash.digest("hex");
}

export class Held {
    #watch;
    #peers = new Map(); // key -> { holders, state }
    #keys = new Map(); // holder -> key

    constructor(watch) {
        this.#watch = watch;
        watch.on("state", (state) => this.#take(state));
    }

    /**
     * holder stands on peer, as Watch.set() has it without its key, from now on, and on no other; holder.cut(state) is
     * called when it is known to be good no more, at once if it is known already.
     */
    hold(holder, peer) {
        const key = keyOf(peer);
        if (this.#keys.get(holder) === key) return;
        this.release(holder);
        this.#keys.set(holder, key);
        const entry = this.#peers.get(key);
        if (!entry) {
            this.#peers.set(key, { holders: new Set([holder]), state: undefined });
            this.#watch.set({ key, ...peer });
            return;
        }
        entry.holders.add(holder);
        if (CUTS.has(entry.state?.cause)) setImmediate(() => entry.holders.has(holder) && holder.cut(entry.state));
    }

    release(holder) {
        const key = this.#keys.get(holder);
        if (!this.#keys.delete(holder)) return;
        const { holders } = this.#peers.get(key);
        holders.delete(holder);
        if (holders.size) return;
        this.#peers.delete(key);
        this.#watch.delete(key);
    }

    #take(state) {
        const entry = this.#peers.get(state.key);
        if (!entry) return;
        entry.state = state;
        if (CUTS.has(state.cause)) for (const holder of [...entry.holders]) holder.cut(state);
    }
}
