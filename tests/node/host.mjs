// SPDX-License-Identifier: Apache-2.0

/**
 * What the tests of client-lib/node share: a minted PKI, a store on disk, a running agent, and one
 * that misbehaves.
 */

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

import { TrustAgent } from "../../client-lib/node/index.js";

const BUILD = process.env.UATRUST_BUILD;
const WAIT_MS = 20000;
const DAY_S = 86400;

const now = Math.floor(Date.now() / 1000);
const TIMES = `this_update_s = ${now - DAY_S}\nnext_update_s = ${now + 30 * DAY_S}\n`;

const SPEC = `
[cert plant]
ca = yes
subject = CN=Plant CA
key = rsa2048-3
[cert pump]
subject = CN=Pump
key = rsa2048-4
issuer = plant
[cert valve]
subject = CN=Valve
key = p256-valve
issuer = plant
[cert stranger]
subject = CN=Stranger
key = rsa2048-5
[crl plant]
issuer = plant
${TIMES}[crl revoking]
issuer = plant
number = 02
${TIMES}entry = pump 1
[crl stale]
issuer = plant
number = 03
this_update_s = ${now - 2 * DAY_S}
next_update_s = ${now - DAY_S}
`;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until holds() is true, and returns what it returned. */
export async function eventually(holds, what) {
    for (const end = performance.now() + WAIT_MS; performance.now() < end; await sleep(10)) {
        const result = await holds();
        if (result) return result;
    }
    throw new Error(`in ${WAIT_MS} ms it did not come about that ${what}`);
}

/** A folder that goes with the test. */
export function folderFor(test) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "uatrust-node-"));
    test.after(() => fs.rmSync(folder, { recursive: true }));
    return folder;
}

/** File name -> bytes. */
export function mint(folder) {
    const place = path.join(folder, "minted");
    fs.mkdirSync(place);
    execFileSync(`${BUILD}/tests/minter`, [place], { input: SPEC });
    return Object.fromEntries(
        fs.readdirSync(place).map((name) => [name, fs.readFileSync(path.join(place, name))]),
    );
}

/** Writes a file as careful programs do. */
export function replace(file, data) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const temporary = path.join(path.dirname(file), `.${path.basename(file)}.new`);
    fs.writeFileSync(temporary, data);
    fs.renameSync(temporary, file);
}

/** A real agent with one store, in which the plant is trusted. */
export class Host {
    static async start(test) {
        const host = new Host(folderFor(test));
        test.after(() => host.process?.kill("SIGKILL"));
        await host.start();
        return host;
    }

    constructor(folder) {
        this.folder = folder;
        this.socket = path.join(folder, "agent");
        this.files = mint(folder);
        replace(path.join(folder, "store/trusted/certs/plant.der"), this.files["plant.der"]);
        this.putCrl("plant.crl");
    }

    putCrl(name) {
        replace(path.join(this.folder, "store/trusted/crl/plant.crl"), this.files[name]);
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
        const ended = new Promise((resolve) => this.process.once("exit", resolve));
        this.process.kill("SIGKILL");
        await ended;
    }
}

/** An agent that answers as told: answer(socket, call) for each call. */
export async function pretend(test, answer) {
    const place = path.join(folderFor(test), "agent");
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
    await new Promise((resolve) => server.listen(place, resolve));
    test.after(() => {
        server.close();
        for (const socket of sockets) socket.destroy();
    });
    return place;
}
