// SPDX-License-Identifier: Apache-2.0

/** TrustAgent - questions to the agent of this host. */

import { Caller } from "./caller.js";
import { AgentUnreachable } from "./connection.js";
import { encode } from "./question.js";
import { Watch } from "./watch.js";

const LIMIT_MS = 200;

// Of sockaddr_un; Node.js cuts what is longer, and connects to what that names.
const PATH_MAX_BYTES = 107;

export class TrustAgent {
    #options;
    #caller;

    /**
     * socket: the agent's, by default UATRUST_SOCKET or the host's. store: for questions that name
     * none, by default UATRUST_STORE, else the agent's own default. limitMs: of each call,
     * connecting included.
     */
    constructor({
        socket = process.env.UATRUST_SOCKET,
        store = process.env.UATRUST_STORE,
        limitMs = LIMIT_MS,
    } = {}) {
        if (socket && Buffer.byteLength(socket) > PATH_MAX_BYTES)
            throw new RangeError(`${socket}: too long for a socket`);
        this.#options = { socket, store: store || undefined, limitMs };
        this.#caller = new Caller(socket);
    }

    /** The agent's verdict. Throws AgentUnreachable or VarlinkError: refuse then. */
    async validate(question) {
        const { verdict } = await this.call(
            "org.uatrust.agent1.Validate",
            encode(question, this.#options.store),
        );
        if (typeof verdict?.trusted !== "boolean" || typeof verdict.statusName !== "string")
            throw new AgentUnreachable("a reply holds no verdict");
        return verdict;
    }

    /** Any method of the client socket, by its full name: the parameters of its reply. */
    call(method, parameters = {}) {
        return this.#caller.call(method, parameters, this.#options.limitMs);
    }

    /**
     * A Watch of the peers of open sessions, with connections of its own, which its close() ends.
     */
    watch() {
        return new Watch(this.#options);
    }

    close() {
        this.#caller.close();
    }
}
