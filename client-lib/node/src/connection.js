// SPDX-License-Identifier: Apache-2.0

/**
 * Connection - one socket to the agent: JSON objects with a NUL byte after each, the replies in the
 * order of the calls.
 *
 * A connection that fails in any way is over: its owner is told once, and makes another.
 */

import fs from "node:fs";
import net from "node:net";

const REPLY_MAX_BYTES = 16 * 1024 * 1024;
const HOST_SOCKET = "/run/uatrust/client/org.uatrust.agent1";

/** Nobody was there to answer, or not in time: never a verdict, so refuse who is new. */
export class AgentUnreachable extends Error {
    constructor(reason) {
        super(`the trust agent cannot be asked: ${reason}`);
        this.name = "AgentUnreachable";
    }
}

/** Where the agent listens; the user's own counts only where the host has none. */
function defaultPath() {
    const runDir = process.env.XDG_RUNTIME_DIR;
    const own = `${runDir}/uatrust/client/org.uatrust.agent1`;
    return runDir && !fs.existsSync(HOST_SOCKET) && fs.existsSync(own) ? own : HOST_SOCKET;
}

export class Connection {
    #socket;
    #path;
    #parts = [];
    #nBytes = 0;
    #onReply;
    #onEnd;

    /** onReply(reply) for each reply, an object; onEnd(error) once, when no more will come. */
    constructor(path, { onReply, onEnd }) {
        this.#path = path || defaultPath();
        this.#onReply = onReply;
        this.#onEnd = onEnd;
        this.#socket = net.createConnection(this.#path);
        this.#socket.on("data", (data) => this.#take(data));
        this.#socket.on("error", (error) => this.end(error.code ?? error.message));
        this.#socket.on("close", () => this.end("the connection was closed"));
    }

    get isOver() {
        return !this.#onEnd;
    }

    /** text: the call, in JSON */
    send(text) {
        this.#socket.write(`${text}\0`);
    }

    /** Whether it keeps the process running, as sockets do. */
    hold(isHeld) {
        if (isHeld) this.#socket.ref();
        else this.#socket.unref();
    }

    end(reason) {
        const onEnd = this.#onEnd;
        this.#onEnd = undefined;
        this.#socket.destroy();
        onEnd?.(new AgentUnreachable(`${this.#path}: ${reason}`));
    }

    #take(data) {
        for (let end = data.indexOf(0); end >= 0 && !this.isOver; end = data.indexOf(0)) {
            const frame = Buffer.concat([...this.#parts, data.subarray(0, end)]);
            this.#parts = [];
            this.#nBytes = 0;
            data = data.subarray(end + 1);
            this.#reply(frame);
        }
        this.#parts.push(data);
        this.#nBytes += data.length;
        if (this.#nBytes > REPLY_MAX_BYTES) this.end("a reply is too large");
    }

    #reply(frame) {
        let reply;
        try {
            reply = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(frame));
        } catch {
            reply = null;
        }
        if (reply === null || typeof reply !== "object" || Array.isArray(reply))
            this.end("a reply is no JSON object");
        else this.#onReply(reply);
    }
}
