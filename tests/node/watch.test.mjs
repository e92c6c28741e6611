// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { CUTS, TrustAgent } from "../../client-lib/node/index.js";
import { eventually, Host, pretend, sleep, WAIT_MS } from "./host.mjs";

/** A watch, and what it told: "key cause" in order. */
function watchOn(test, socket) {
    const agent = new TrustAgent({ socket, limitMs: WAIT_MS });
    const watch = agent.watch();
    const told = [];
    watch.on("state", ({ key, cause }) => told.push(`${key} ${cause}`));
    test.after(() => {
        watch.close();
        agent.close();
    });
    const expect = async (...wanted) => {
        await eventually(() => told.length >= wanted.length, `${wanted} is told`);
        assert.deepEqual(told.splice(0).sort(), wanted.sort());
    };
    /**
     * The same of an agent that may not have read its store yet: of such a one nothing is known.
     */
    const expectAtLast = async (wanted) => {
        await eventually(() => told.includes(wanted), `${wanted} is told`);
        assert.deepEqual(
            told.splice(0).filter((text) => text !== "pump unknown"),
            [wanted],
        );
    };
    return { watch, told, expect, expectAtLast };
}

function peer(host, name, key = name) {
    return { key, certificates: [host.files[`${name}.der`]], purpose: "client" };
}

describe("a real agent", () => {
    it("tells who is revoked, and nobody else", async (test) => {
        const host = await Host.start(test);
        const { watch, expect } = watchOn(test, host.socket);
        watch.set(peer(host, "pump"));
        watch.set(peer(host, "valve"));
        watch.set(peer(host, "stranger"));
        await expect("pump good", "valve good", "stranger untrusted");
        host.putCrl("revoking.crl");
        await expect("pump revoked");
        watch.set(peer(host, "pump", "another pump"));
        await expect("another pump revoked");
        host.putCrl("stale.crl");
        await expect("valve unknown", "pump unknown", "another pump unknown");
    });

    it("tells no more of whom it is to forget", async (test) => {
        const host = await Host.start(test);
        const { watch, told, expect } = watchOn(test, host.socket);
        watch.set(peer(host, "pump"));
        watch.set(peer(host, "valve"));
        await expect("pump good", "valve good");
        watch.delete("pump");
        watch.delete("nobody");
        watch.set(peer(host, "pump", "last"));
        await expect("last good");
        host.putCrl("revoking.crl");
        await expect("last revoked");
        await sleep(100);
        assert.deepEqual(told, []);
    });

    it("takes as many as there are, and a bad one is no harm to others", async (test) => {
        const host = await Host.start(test);
        const { watch, told } = watchOn(test, host.socket);
        const refused = [];
        watch.on("refused", (key, error) => refused.push(`${key} ${error.error}`));
        for (let i = 0; i < 450; i++) watch.set(peer(host, "valve", `valve ${i}`));
        watch.set({ ...peer(host, "valve", "lost"), store: "nowhere" });
        await eventually(() => told.length === 450 && refused.length, "all are registered");
        assert.equal(new Set(told).size, 450);
        assert.deepEqual(refused, ["lost org.uatrust.agent1.NoSuchStore"]);
    });

    it("killed and started again has everybody watched, and nobody cut meanwhile", async (test) => {
        const host = await Host.start(test);
        const { watch, told, expect, expectAtLast } = watchOn(test, host.socket);
        let nLost = 0;
        watch.on("lost", () => (nLost += 1));
        watch.set(peer(host, "pump"));
        watch.set(peer(host, "valve"));
        await expect("pump good", "valve good");
        await host.kill();
        await eventually(() => nLost, "it is noticed");
        watch.delete("valve");
        await sleep(200);
        assert.deepEqual(told, []);
        await host.start();
        await expectAtLast("pump good");
        host.putCrl("revoking.crl");
        await expect("pump revoked");
        assert.equal(nLost, 1);
    });

    it("replaced while somebody was revoked says so at once", async (test) => {
        const host = await Host.start(test);
        const { watch, expect, expectAtLast } = watchOn(test, host.socket);
        watch.set(peer(host, "pump"));
        await expect("pump good");
        await host.kill();
        host.putCrl("revoking.crl");
        await host.start();
        await expectAtLast("pump revoked");
    });

    it("that hangs is not taken for one that knows something", async (test) => {
        const host = await Host.start(test);
        const { watch, told, expect } = watchOn(test, host.socket);
        watch.set(peer(host, "pump"));
        await expect("pump good");
        host.process.kill("SIGSTOP");
        host.putCrl("revoking.crl");
        watch.set(peer(host, "valve"));
        await sleep(300);
        assert.deepEqual(told, []);
        host.process.kill("SIGCONT");
        await expect("pump revoked", "valve good");
    });
});

describe("news", () => {
    /**
     * An agent that tells of "pump" what it is given, after its registration was answered with seq
     * 5.
     */
    function teller(news) {
        let stream;
        const send = (socket, parameters, continues) =>
            socket.write(`${JSON.stringify({ parameters, continues })}\0`);
        return (socket, { method, parameters }) => {
            if (method.endsWith("WatchPeers")) {
                stream = socket;
                return send(socket, { watchId: "one" }, true);
            }
            send(socket, {
                states: parameters.peers.map(({ key }) => ({ key, seq: 5, cause: "good" })),
            });
            for (const [key, seq, cause] of news)
                send(
                    stream,
                    { news: { key, seq, cause, verdict: { trusted: false, statusName: "BadX" } } },
                    true,
                );
        };
    }

    it("that are older than what was told are none", async (test) => {
        const news = [
            ["pump", 4, "revoked"],
            ["pump", 5, "revoked"],
            ["nobody", 6, "revoked"],
            ["pump", 7, "expired"],
            ["pump", 6, "revoked"],
        ];
        const { watch, told } = watchOn(test, await pretend(test, teller(news)));
        watch.set({ key: "pump", certificates: [], purpose: "client" });
        await eventually(() => told.includes("pump expired"), "news come");
        await sleep(50);
        assert.deepEqual(
            told.filter((text) => text !== "pump good"),
            ["pump expired"],
        );
    });

    it("that come before the answer to the registration wait for it", async (test) => {
        let stream,
            n = 0;
        const send = (socket, parameters, continues) =>
            socket.write(`${JSON.stringify({ parameters, continues })}\0`);
        const news = (seq, cause) =>
            send(stream, { news: { key: "pump", seq, cause, verdict: {} } }, true);
        const socket = await pretend(test, (socket, { method }) => {
            if (method.endsWith("WatchPeers")) {
                stream = socket;
                return send(socket, { watchId: "one" }, true);
            }
            n += 1;
            if (n === 1) return send(socket, { states: [{ key: "pump", seq: 1, cause: "good" }] });
            news(2, "revoked"); // of the one before
            if (n === 3) news(9, "expired");
            setTimeout(
                () => send(socket, { states: [{ key: "pump", seq: 2 + n, cause: "good" }] }),
                50,
            );
        });
        const { watch, told } = watchOn(test, socket);
        for (const wanted of [["pump good"], ["pump good"], ["pump good", "pump expired"]]) {
            watch.set({ key: "pump", certificates: [], purpose: "client" });
            await eventually(() => told.length >= wanted.length, "it is told");
            assert.deepEqual(told.splice(0), wanted);
        }
    });

    it("of a registration that was overtaken are none", async (test) => {
        const socket = await pretend(test, (socket, { method, parameters }) => {
            const send = (parameters, continues) =>
                socket.write(`${JSON.stringify({ parameters, continues })}\0`);
            if (method.endsWith("WatchPeers")) return send({ watchId: "one" }, true);
            const [{ key, hostName }] = parameters.peers;
            const [seq, cause] = hostName === "first" ? [1, "revoked"] : [2, "good"];
            if (hostName === "first")
                watch.set({ key, certificates: [], purpose: "server", hostName: "second" });
            setTimeout(() => send({ states: [{ key, seq, cause }] }), 20);
        });
        const { watch, told } = watchOn(test, socket);
        watch.set({ key: "press", certificates: [], purpose: "server", hostName: "first" });
        await eventually(() => told.length, "it is told");
        assert.deepEqual(told, ["press good"]);
    });

    it("cut for three causes only", () => {
        assert.deepEqual([...CUTS].sort(), ["blocked", "revoked", "untrusted"]);
    });
});

describe("an agent that refuses to be watched", () => {
    const rows = [
        ["by an error", (socket) => socket.write('{"error":"org.uatrust.agent1.Busy"}\0')],
        ["by a last reply", (socket) => socket.write('{"parameters":{"watchId":"one"}}\0')],
        ["by rubbish", (socket) => socket.write("rubbish\0")],
        ["by closing", (socket) => socket.destroy()],
    ];
    for (const [how, answer] of rows)
        it(`${how} is asked again, less and less often`, async (test) => {
            let n = 0;
            const { told } = watchOn(
                test,
                await pretend(test, (...call) => {
                    n += 1;
                    answer(...call);
                }),
            );
            await eventually(() => n >= 5, "it asks again");
            await sleep(300);
            assert.ok(n < 12, `${n} times`);
            assert.deepEqual(told, []);
        });
});
