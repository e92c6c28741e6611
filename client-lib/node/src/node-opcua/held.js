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
    #peers = new Map(); // key -> its holders
    #keys = new Map(); // holder -> key

    constructor(watch) {
        this.#watch = watch;
        watch.on("state", (state) => this.#take(state));
    }

    /**
     * holder stands on peer, as Watch.set() has it without its key, from now on, and on no other; holder.cut(state), which
     * is to release it, is called when it is known to be good no more.
     */
    hold(holder, peer) {
        const key = keyOf(peer);
        if (this.#keys.get(holder) === key) return;
        this.release(holder);
        this.#keys.set(holder, key);
        if (!this.#peers.has(key)) {
            this.#peers.set(key, new Set());
            this.#watch.set({ key, ...peer });
        }
        this.#peers.get(key).add(holder);
    }

    release(holder) {
        const key = this.#keys.get(holder);
        if (!this.#keys.delete(holder)) return;
        const holders = this.#peers.get(key);
        holders.delete(holder);
        if (holders.size) return;
        this.#peers.delete(key);
        this.#watch.delete(key);
    }

    /** One that cannot be cut spares no other. */
    #take(state) {
        if (!CUTS.has(state.cause)) return;
        for (const holder of [...(this.#peers.get(state.key) ?? [])]) {
            try {
                holder.cut(state);
            } catch (error) {
                process.nextTick(() => {
                    throw error;
                });
            }
        }
    }
}
