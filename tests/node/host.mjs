// SPDX-License-Identifier: Apache-2.0

/**
 * What the tests of client-lib/node share: the PKI that run.py minted, a store on disk, a running
 * agent, and one that misbehaves.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

import { TrustAgent } from "../../client-lib/node/index.js";

const { UATRUST_BUILD: BUILD, UATRUST_MINTED: MINTED } = process.env;
export const WAIT_MS = 20000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until holds() is true, and returns what it returned. */
export async function eventually(holds, what) {
    for (const end = performance.now() + WAIT_MS; performance.now() < end; await sleep(10)) {
        const result = await holds();
        if (result) return result;
    }
    throw new Error(`in ${WAIT_MS} ms it did not come about that ${what}`);
}

/** A folder that goes with the test, once what `end` ends is over, which may write there. */
function folderFor(test, end) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "uatrust-node-"));
    test.after(async () => {
        await end();
        fs.rmSync(folder, { recursive: true });
    });
    return folder;
}

/** Writes a file as careful programs do. */
export function replace(file, data) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const temporary = path.join(path.dirname(file), `.${path.basename(file)}.new`);
    fs.writeFileSync(temporary, data);
    fs.renameSync(temporary, file);
}

/** File name -> bytes. */
const files = Object.fromEntries(
    fs.readdirSync(MINTED).map((name) => [name, fs.readFileSync(path.join(MINTED, name))]),
);

/** A real agent with one store, in which the plant is trusted. */
export class Host {
    static async start(test) {
        const host = new Host(folderFor(test, () => host.kill()));
        await host.start();
        return host;
    }

    constructor(folder) {
        this.folder = folder;
        this.socket = path.join(folder, "agent");
        this.files = files;
        for (const [list, name] of Object.entries({ trusted: "plant", issuers: "root" })) {
            replace(path.join(folder, "store", list, "certs/ca.der"), files[`${name}.der`]);
            replace(path.join(folder, "store", list, "crl/ca.crl"), files[`${name}.crl`]);
        }
    }

    putCrl(name) {
        replace(path.join(this.folder, "store/trusted/crl/ca.crl"), this.files[name]);
    }

    async start() {
        const log = fs.openSync(path.join(this.folder, "log"), "a");
        const command = [
            "--pdeathsig",
            "KILL",
            "--",
            `${BUILD}/agent/uatrustd`,
            "--store",
            path.join(this.folder, "store"),
        ];
        this.process = spawn("setpriv", [...command, "--socket", this.socket, "--bus=none"], {
            stdio: ["ignore", log, log],
        });
        fs.closeSync(log);
        await eventually(() => this.isReady(), "the agent is ready");
    }

    async isReady() {
        const agent = new TrustAgent({ socket: this.socket, limitMs: 2000 });
        try {
            const { stores } = await agent.call("org.uatrust.agent1.ListStores");
            return stores[0].ready;
        } catch {
            return false;
        } finally {
            agent.close();
        }
    }

    async kill() {
        if (!this.process?.kill("SIGKILL")) return;
        await once(this.process, "exit");
    }
}

/** An agent that answers as told: answer(socket, call) for each call. */
export async function pretend(test, answer) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
        let text = "";
        sockets.add(socket);
        socket.on("error", () => {});
        socket.on("data", (data) => {
            const frames = (text + data).split("\0");
            text = frames.pop();
            for (const frame of frames) answer(socket, JSON.parse(frame));
        });
    });
    const folder = folderFor(test, () => {
        server.close();
        for (const socket of sockets) socket.destroy();
    });
    server.listen(path.join(folder, "agent"));
    await once(server, "listening");
    return server.address();
}
