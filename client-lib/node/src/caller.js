// SPDX-License-Identifier: Apache-2.0

/**
 * Caller - calls to the agent, each with a time limit.
 *
 * It connects when it is first used, and again after the agent was away. Calls share one
 * connection, which answers them in their order; when it is lost, those that have time left are
 * sent once more on a new one.
 */

import { AgentUnreachable, Connection } from "./connection.js";

/**
 * The agent has answered that it cannot: no such store, not ready, in doubt, busy, ... Never a
 * verdict either.
 */
export class VarlinkError extends Error {
    constructor(error, parameters) {
        super(`${error} ${JSON.stringify(parameters ?? {})}`);
        this.name = "VarlinkError";
        this.error = error;
        this.parameters = parameters ?? {};
    }
}

export class Caller {
    #path;
    #connection;
    #calls = []; // that wait for their replies, in the order of these
    #isClosed = false;

    constructor(path) {
        this.#path = path;
    }

    /**
     * The parameters of the reply; throws AgentUnreachable or VarlinkError. limitMs: connecting
     * included.
     */
    call(method, parameters, limitMs) {
        return new Promise((resolve, reject) => {
            const call = {
                text: JSON.stringify({ method, parameters }),
                resolve,
                reject,
                isLast: false,
            };
            call.timer = setTimeout(() => this.#expire(call, limitMs), limitMs);
            this.#send(call);
        });
    }

    close() {
        this.#isClosed = true;
        this.#connection?.end("closed here");
    }

    #send(call) {
        if (this.#isClosed) return this.#fail(call, new AgentUnreachable("closed here"));
        this.#connection ??= new Connection(this.#path, {
            onReply: (reply) => this.#take(reply),
            onEnd: (error) => this.#lose(error),
        });
        this.#calls.push(call);
        this.#connection.hold(true);
        this.#connection.send(call.text);
    }

    #take({ error, parameters }) {
        const call = this.#calls.shift();
        if (!call) return this.#connection.end("a reply to no call");
        if (!this.#calls.length) this.#connection.hold(false);
        if (error !== undefined)
            return this.#fail(call, new VarlinkError(String(error), parameters));
        clearTimeout(call.timer);
        call.resolve(parameters ?? {});
    }

    #fail(call, error) {
        clearTimeout(call.timer);
        call.reject(error);
    }

    /** Its late reply would be taken for that of the next call, so the connection ends. */
    #expire(call, limitMs) {
        call.isLast = true;
        this.#connection.end(`no answer within ${limitMs} ms`);
    }

    #lose(error) {
        const calls = this.#calls;
        this.#calls = [];
        this.#connection = undefined;
        for (const call of calls) {
            if (call.isLast || this.#isClosed) {
                this.#fail(call, error);
            } else {
                call.isLast = true;
                this.#send(call);
            }
        }
    }
}
