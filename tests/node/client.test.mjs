// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import { describe, it } from "node:test";
import { promisify } from "node:util";

import { AgentUnreachable, TrustAgent, VarlinkError } from "../../client-lib/node/index.js";
import { Host, pretend, WAIT_MS } from "./host.mjs";

const LIBRARY = new URL("../../client-lib/node/index.js", import.meta.url);
const execute = promisify(execFile);
const question = { certificates: [Buffer.from("any")], purpose: "client" };

function reply(socket, parameters) {
    socket.write(`${JSON.stringify({ parameters })}\0`);
}

function verdictOn(call) {
    return { verdict: { trusted: true, statusName: "Good", store: call.parameters.store ?? "" } };
}

describe("a real agent", () => {
    it("judges", async (test) => {
        const host = await Host.start(test);
        const agent = new TrustAgent({ socket: host.socket, limitMs: WAIT_MS });
        test.after(() => agent.close());
        const rows = [
            ["pump", "Good"],
            ["valve", "Good"],
            ["stranger", "BadCertificateUntrusted"],
        ];
        const verdicts = await Promise.all(
            rows.map(([name]) =>
                agent.validate({ certificates: [host.files[`${name}.der`]], purpose: "client" }),
            ),
        );
        assert.deepEqual(
            verdicts.map((verdict, i) => [rows[i][0], verdict.statusName]),
            rows,
        );
        assert.equal(verdicts[2].wireStatusName, "BadSecurityChecksFailed");

        const elsewhere = agent.validate({
            certificates: [host.files["pump.der"]],
            purpose: "client",
            store: "nowhere",
        });
        await assert.rejects(elsewhere, {
            name: "VarlinkError",
            error: "org.uatrust.agent1.NoSuchStore",
        });
    });

    it("is found again after a restart", async (test) => {
        const host = await Host.start(test);
        const agent = new TrustAgent({ socket: host.socket, limitMs: WAIT_MS });
        test.after(() => agent.close());
        const ask = () =>
            agent.validate({ certificates: [host.files["pump.der"]], purpose: "client" });
        assert.ok((await ask()).trusted);
        await host.kill();
        await assert.rejects(ask, AgentUnreachable);
        await host.start();
        assert.ok((await ask()).trusted);
    });
});

describe("an agent that does not answer as it should", () => {
    const rows = [
        ["silence", () => {}],
        ["no JSON", (socket) => socket.write("verdict\0")],
        ["no object", (socket) => socket.write("[]\0")],
        ["null", (socket) => socket.write("null\0")],
        ["no UTF-8", (socket) => socket.write(Buffer.from([0x22, 0xff, 0x22, 0]))],
        ["half a reply", (socket) => socket.end('{"parameters":')],
        ["a closed connection", (socket) => socket.destroy()],
        ["no verdict", (socket) => reply(socket, {})],
        [
            "a verdict that does not say whether",
            (socket) => reply(socket, { verdict: { statusName: "Good" } }),
        ],
        ["17 MiB", (socket) => socket.write(Buffer.alloc(17 * 1024 * 1024, 0x20))],
    ];
    for (const [what, answer] of rows)
        it(`${what} is unreachable, in time`, async (test) => {
            const agent = new TrustAgent({ socket: await pretend(test, answer), limitMs: 300 });
            test.after(() => agent.close());
            const start = performance.now();
            await assert.rejects(agent.validate(question), AgentUnreachable);
            assert.ok(performance.now() - start < WAIT_MS);
        });

    it("an error is an error", async (test) => {
        const socket = await pretend(test, (socket) =>
            socket.write('{"error":"org.uatrust.agent1.Busy"}\0'),
        );
        const agent = new TrustAgent({ socket, limitMs: WAIT_MS });
        test.after(() => agent.close());
        await assert.rejects(agent.validate(question), VarlinkError);
    });

    it("has 200 ms, if nothing else is said", async (test) => {
        const agent = new TrustAgent({ socket: await pretend(test, () => {}) });
        test.after(() => agent.close());
        await assert.rejects(agent.validate(question), /no answer within 200 ms/);
    });

    it("nobody there", async () => {
        const agent = new TrustAgent({ socket: "/nowhere/at/all" });
        await assert.rejects(agent.validate(question), AgentUnreachable);
        agent.close();
        await assert.rejects(agent.validate(question), AgentUnreachable);
    });
});

describe("what is no question", () => {
    const rows = [
        ["nothing", undefined],
        ["no certificates", {}],
        ["certificates that are none", { certificates: [1n], purpose: "client" }],
        ["what JSON has not", { ...question, at: 1n }],
    ];
    for (const [what, bad] of rows)
        it(`${what} is refused here, and harms nothing`, async (test) => {
            const socket = await pretend(test, (socket, call) => reply(socket, verdictOn(call)));
            const agent = new TrustAgent({ socket, limitMs: WAIT_MS });
            const watch = agent.watch();
            test.after(() => {
                agent.close();
                watch.close();
            });
            await assert.rejects(agent.validate(bad), TypeError);
            assert.throws(() => watch.set(bad), TypeError);
            assert.ok((await agent.validate(question)).trusted);
        });

    it("nor is what is too large", (test) => {
        assert.throws(() => new TrustAgent({ socket: `/${"a".repeat(200)}` }), RangeError);
        const watch = new TrustAgent({ socket: "/nowhere" }).watch();
        test.after(() => watch.close());
        assert.throws(
            () =>
                watch.set({ ...question, key: "large", certificates: [Buffer.alloc(400 * 1024)] }),
            RangeError,
        );
    });
});

describe("calls on one connection", () => {
    it("are answered in their order, in whatever pieces", async (test) => {
        const connections = new Set();
        const socket = await pretend(test, (socket, call) => {
            connections.add(socket);
            for (const byte of Buffer.from(`${JSON.stringify({ parameters: verdictOn(call) })}\0`))
                socket.write(Buffer.from([byte]));
        });
        const agent = new TrustAgent({ socket, limitMs: WAIT_MS });
        test.after(() => agent.close());
        const stores = Array.from({ length: 20 }, (_, i) => `store${i}`);
        const verdicts = await Promise.all(
            stores.map((store) => agent.validate({ ...question, store })),
        );
        assert.deepEqual(
            verdicts.map((verdict) => verdict.store),
            stores,
        );
        assert.equal(connections.size, 1);
    });

    it("are asked once more where it was lost", async (test) => {
        let n = 0;
        const socket = await pretend(test, (socket, call) => {
            n += 1;
            if (n === 1) socket.destroy();
            else reply(socket, verdictOn(call));
        });
        const agent = new TrustAgent({ socket, limitMs: WAIT_MS });
        test.after(() => agent.close());
        assert.ok((await agent.validate(question)).trusted);
        assert.equal(n, 2);
    });

    it("never take a late answer for their own", async (test) => {
        let late;
        const socket = await pretend(test, (socket, call) => {
            if (call.parameters.store === "late") late = () => reply(socket, verdictOn(call));
            else reply(socket, verdictOn(call));
        });
        const agent = new TrustAgent({ socket, limitMs: 1000 });
        test.after(() => agent.close());
        await assert.rejects(agent.validate({ ...question, store: "late" }), AgentUnreachable);
        const verdict = agent.validate({ ...question, store: "next" });
        late();
        assert.equal((await verdict).store, "next");
    });

    it("of the README are as printed", async (test) => {
        const socket = await pretend(test, (socket, call) => reply(socket, verdictOn(call)));
        const [, printed] = /```js\n(.*?)```/s.exec(
            fs.readFileSync(new URL("README.md", LIBRARY), "utf8"),
        );
        const program = `const der = Buffer.from("any");\n${printed.replace('"uatrust-client"', JSON.stringify(LIBRARY))}`;
        const env = { ...process.env, UATRUST_SOCKET: socket };
        const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", program], {
            timeout: WAIT_MS,
            env,
        });
        assert.equal(stdout, "true Good\n");
    });

    it("an idle client, or watch, does not keep its process", async (test) => {
        const socket = await pretend(test, (socket, call) => reply(socket, verdictOn(call)));
        const program = `
            import { TrustAgent } from ${JSON.stringify(LIBRARY)};
            const agent = new TrustAgent({ socket: ${JSON.stringify(socket)}, limitMs: ${WAIT_MS} });
            agent.watch();
            console.log((await agent.validate({ certificates: [], purpose: "client" })).statusName);`;
        const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", program], {
            timeout: WAIT_MS,
        });
        assert.equal(stdout, "Good\n");
    });
});
