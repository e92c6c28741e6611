// SPDX-License-Identifier: Apache-2.0

/**
 * Watch - the peers of open sessions: the agent tells how each stands, and whenever that changes.
 *
 * News come on one connection (WatchPeers), peers are registered on another. When the agent goes
 * away both are made anew until it is back, and every peer is registered again: nobody has to
 * notice. Meanwhile nothing is told, since nothing is known, and no session is to be ended for
 * that.
 */

import { EventEmitter } from "node:events";

import { Caller, VarlinkError } from "./caller.js";
import { Connection } from "./connection.js";
import { encode } from "./question.js";

/** Only these causes ask for a session to be ended; unknown, expired and good do not. */
export const CUTS = new Set(["blocked", "revoked", "untrusted"]);

const AGENT = "org.uatrust.agent1.";
const RETRY_MIN_MS = 20;
const RETRY_MAX_MS = 500;
const REFUSED_RETRY_MS = 1000;

// A registration is answered when all of its part are judged, and nobody waits for it.
const REGISTER_LIMIT_MS = 5000;
const PART_MAX = 100;
const PART_MAX_BYTES = 480 * 1024; // a call may have 512 KiB

/**
 * Events: "state" (state: key, cause, statusName, ...) when a peer was registered and when its
 * verdict has changed; "watching" when all are registered; "lost" (error) when the agent went away;
 * "refused" (key, error) for a peer that the agent does not take, which is tried again.
 */
export class Watch extends EventEmitter {
    #options;
    #peers = new Map(); // key -> { question, nBytes, seq: what was told last, early: news to come }
    #pending = new Set(); // keys that are to be registered
    #gone = new Set(); // keys that are to be forgotten
    #stream;
    #caller;
    #watchId;
    #retryMs = RETRY_MIN_MS;
    #timer;
    #isFlushing = false;
    #isClosed = false;

    /** Made by TrustAgent.watch(). */
    constructor(options) {
        super();
        this.#options = options;
        this.#connect();
    }

    /**
     * Watches a peer from now on: { key, certificates, purpose, ... }, as RegisterPeers has it,
     * certificates in DER. One of the same key is replaced. Throws for what is no peer.
     */
    set(peer) {
        const question = encode(peer, this.#options.store);
        const nBytes = Buffer.byteLength(JSON.stringify(question));
        if (nBytes > PART_MAX_BYTES) throw new RangeError(`${peer.key}: too large to be watched`);
        this.#peers.set(peer.key, { question, nBytes });
        this.#pending.add(peer.key);
        this.#gone.delete(peer.key);
        this.#flush();
    }

    /** Watches it no more. */
    delete(key) {
        if (!this.#peers.delete(key)) return;
        this.#pending.delete(key);
        this.#gone.add(key);
        this.#flush();
    }

    close() {
        this.#isClosed = true;
        clearTimeout(this.#timer);
        this.#stream.end("closed here");
    }

    // -- the news

    #connect() {
        const { socket, limitMs } = this.#options;
        const stream = new Connection(socket, {
            onReply: (reply) => this.#take(stream, reply),
            onEnd: (error) => this.#lose(error),
        });
        this.#stream = stream;
        this.#caller = new Caller(socket);
        stream.hold(false);
        stream.send(JSON.stringify({ method: `${AGENT}WatchPeers`, parameters: {}, more: true }));
        this.#after(limitMs, () => stream.end(`no answer within ${limitMs} ms`));
    }

    #after(ms, then) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(then, ms).unref();
    }

    #take(stream, { error, continues, parameters }) {
        if (error !== undefined || !continues) return stream.end(error ?? "the watch was ended");
        if (parameters?.watchId && !this.#watchId) {
            clearTimeout(this.#timer);
            this.#watchId = parameters.watchId;
            this.#flush();
        }
        if (parameters?.news)
            this.#hear({ ...parameters.news, statusName: parameters.news.verdict?.statusName });
    }

    #lose(error) {
        const wasWatching = this.#watchId !== undefined;
        this.#watchId = undefined;
        this.#caller.close();
        this.#gone.clear();
        this.#pending = new Set(this.#peers.keys());
        for (const [key, { question, nBytes }] of this.#peers)
            this.#peers.set(key, { question, nBytes });
        if (this.#isClosed) return;
        this.#after(this.#retryMs, () => this.#connect());
        this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS);
        if (wasWatching) this.emit("lost", error);
    }

    /**
     * News of one whose registration is not answered yet may be of another who had its key before:
     * its seq will tell.
     */
    #hear(news) {
        const entry = this.#peers.get(news.key);
        if (entry?.seq !== undefined) this.#tell(entry, news);
        else if (entry && !(entry.early?.seq > news.seq)) entry.early = news;
    }

    /** The higher seq counts: a state and news may cross, since they come on two connections. */
    #tell(entry, state) {
        if (!(state.seq > (entry.seq ?? -1))) return;
        entry.seq = state.seq;
        process.nextTick(() => this.#peers.has(state.key) && this.emit("state", state));
    }

    // -- who is watched

    async #flush() {
        if (this.#isFlushing) return;
        this.#isFlushing = true;
        while (this.#watchId && this.#pending.size + this.#gone.size)
            await this.#step(this.#stream, this.#watchId);
        this.#isFlushing = false;
        if (!this.#watchId) return;
        this.#retryMs = RETRY_MIN_MS;
        this.emit("watching");
    }

    /** One call. */
    async #step(stream, watchId) {
        const keys = [...this.#gone].slice(0, PART_MAX);
        try {
            for (const key of keys) this.#gone.delete(key);
            if (keys.length) await this.#call("UnregisterPeers", { watchId, keys });
            else await this.#register(watchId, this.#takePart());
        } catch (error) {
            stream.end(error.message);
        }
    }

    #call(method, parameters) {
        return this.#caller.call(AGENT + method, parameters, REGISTER_LIMIT_MS);
    }

    #takePart() {
        const part = [];
        let nBytes = 0;
        for (const key of this.#pending) {
            const entry = this.#peers.get(key);
            nBytes += entry.nBytes;
            if (part.length === PART_MAX || nBytes > PART_MAX_BYTES) break;
            part.push(entry);
        }
        for (const { question } of part) this.#pending.delete(question.key);
        return part;
    }

    /** All of a part, or, where one of them is at fault, one by one. */
    async #register(watchId, part) {
        const peers = part.map(({ question }) => question);
        try {
            const { states } = await this.#call("RegisterPeers", { watchId, peers });
            for (const state of states) this.#enter(state, part);
        } catch (error) {
            if (!(error instanceof VarlinkError) || error.parameters.field === "watchId")
                throw error;
            if (part.length === 1) return this.#refuse(part[0].question.key, error);
            for (const entry of part) await this.#register(watchId, [entry]);
        }
    }

    /** The answer of who is still meant by that key. */
    #enter(state, part) {
        const entry = this.#peers.get(state.key);
        if (!part.includes(entry)) return;
        this.#tell(entry, state);
        if (entry.early) this.#tell(entry, entry.early);
        entry.early = undefined;
    }

    #refuse(key, error) {
        setTimeout(() => {
            if (this.#peers.has(key)) this.#pending.add(key);
            this.#flush();
        }, REFUSED_RETRY_MS).unref();
        this.emit("refused", key, error);
    }
}
