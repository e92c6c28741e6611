// SPDX-License-Identifier: Apache-2.0

/**
 * The adapter for node-opcua, on stand-ins for node-opcua's classes; tests/e2e has the real ones.
 */

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";

import { AgentUnreachable } from "../../client-lib/node/index.js";
import { adapt, guardClient, guardServer } from "../../client-lib/node/node-opcua.js";

function status(name) {
    return { name, isGood: () => name === "Good", toString: () => name };
}

const NAMES = [
    "Good",
    "BadSecurityChecksFailed",
    "BadCertificateRevoked",
    "BadCertificateTimeInvalid",
    "BadIdentityTokenRejected",
];
const StatusCodes = Object.fromEntries(NAMES.map((name) => [name, status(name)]));
class OPCUACertificateManager {
    constructor(options) {
        this.options = options;
    }
}
const AgentCertificateManager = adapt({ OPCUACertificateManager, StatusCodes });

const DER = Buffer.from("certificate");

function verdictOf(statusName, wireStatusName = statusName) {
    const findings = [
        { severity: "note", message: "odd" },
        { severity: "error", message: "because" },
    ];
    return {
        trusted: statusName === "Good",
        statusName,
        wireStatusName,
        findings,
        chain: [{ subject: "CN=Pump" }],
    };
}

/** A TrustAgent that answers as told, and whose watch is driven by the test. */
function makeAgent(answer = async () => verdictOf("Good")) {
    const watch = Object.assign(new EventEmitter(), {
        peers: new Map(),
        set: (peer) => watch.peers.set(peer.key, peer),
        delete: (key) => watch.peers.delete(key),
        close: () => (watch.isClosed = true),
    });
    const questions = [];
    const validate = (question) => {
        questions.push(question);
        return answer(question);
    };
    /** cause for each watched peer that has these fields */
    const tell = (cause, fields) => {
        for (const [key, peer] of [...watch.peers])
            if (Object.entries(fields).every(([name, value]) => peer[name] === value))
                watch.emit("state", { key, cause });
    };
    return { validate, watch: () => watch, peers: watch.peers, news: watch, questions, tell };
}

describe("a certificate manager", () => {
    const rows = [
        // purpose, statusName, wireStatusName, what node-opcua is told
        ["client", "Good", "Good", "Good"],
        ["client", "BadCertificateRevoked", "BadSecurityChecksFailed", "BadSecurityChecksFailed"],
        [
            "client",
            "BadCertificateTimeInvalid",
            "BadCertificateTimeInvalid",
            "BadCertificateTimeInvalid",
        ],
        ["server", "BadCertificateRevoked", "BadSecurityChecksFailed", "BadCertificateRevoked"],
        ["user", "BadCertificateRevoked", "BadIdentityTokenRejected", "BadIdentityTokenRejected"],
        ["client", "BadOfTomorrow", "BadOfTomorrow", "BadSecurityChecksFailed"],
        ["client", "BadCertificateRevoked", "Good", "BadSecurityChecksFailed"],
    ];
    for (const [purpose, statusName, wire, expected] of rows)
        it(`as ${purpose}: ${statusName}, ${wire} is ${expected}`, async () => {
            const agent = makeAgent(async () => verdictOf(statusName, wire));
            const told = [];
            const manager = new AgentCertificateManager({
                agent,
                purpose,
                store: "one",
                log: (text) => told.push(text),
            });
            assert.equal((await manager.checkCertificate(DER)).name, expected);
            assert.equal((await manager.getTrustStatus([DER, DER])).name, expected);
            assert.deepEqual(agent.questions, [
                { certificates: [DER], purpose, store: "one" },
                { certificates: [DER, DER], purpose, store: "one" },
            ]);
            assert.equal(told.length, expected === "Good" ? 0 : 2);
            for (const text of told)
                assert.match(text, new RegExp(`${purpose}.*${statusName}.*CN=Pump.*because`));
        });

    it("tells of a stranger in one line", async () => {
        const verdict = {
            ...verdictOf("BadX"),
            chain: [{ subject: "CN=a\n\u001b[31mb\u202e\u2028" }],
        };
        const told = [];
        const agent = makeAgent(async () => verdict);
        await new AgentCertificateManager({
            agent,
            log: (text) => told.push(text),
        }).checkCertificate(DER);
        assert.deepEqual(told, [
            "uatrust: refused a client's certificate: BadX, CN=a??[31mb??: because",
        ]);
    });

    it("refuses whatever keeps the agent from a verdict", async () => {
        const rows = [
            async () => Promise.reject(new AgentUnreachable("gone")),
            async () => undefined,
            async () => ({ trusted: false }),
        ];
        for (const answer of rows) {
            const told = [];
            const manager = new AgentCertificateManager({
                agent: makeAgent(answer),
                log: (text) => told.push(text),
            });
            assert.equal((await manager.checkCertificate(DER)).name, "BadSecurityChecksFailed");
            assert.equal(told.length, 1);
        }
    });

    it("answers a callback, too", (_test, done) => {
        const manager = new AgentCertificateManager({ agent: makeAgent() });
        const result = manager.checkCertificate(DER, (error, code) => {
            assert.equal(error, null);
            assert.equal(code.name, "Good");
            done();
        });
        assert.equal(result, undefined);
    });

    it("hands node-opcua its options, but none that trusts by itself", () => {
        const manager = new AgentCertificateManager({ agent: makeAgent(), rootFolder: "own" });
        assert.deepEqual(manager.options, { disableFileWatchers: true, rootFolder: "own" });
        assert.throws(
            () =>
                new AgentCertificateManager({
                    agent: makeAgent(),
                    automaticallyAcceptUnknownCertificate: true,
                }),
            TypeError,
        );
    });
});

/** A server of node-opcua as far as the guard looks at it. */
function makeServer(agent) {
    const server = new EventEmitter();
    const ended = [];
    Object.assign(server, {
        serverCertificateManager: new AgentCertificateManager({ agent }),
        userCertificateManager: new AgentCertificateManager({
            agent,
            purpose: "user",
            store: "user",
        }),
        serverInfo: { applicationUri: "urn:server" },
        engine: {
            closeSession: (token) => {
                ended.push(token);
                const session = sessions.get(token);
                session.status = "closed";
                delete session.channel?.sessionTokens[token];
                session.channel = undefined;
                server.emit("session_closed", session);
            },
        },
    });
    const sessions = new Map();
    const openChannel = (name, clientCertificate) => {
        const channel = {
            channelId: name,
            clientCertificate,
            securityPolicy: "policy",
            sessionTokens: {},
            remoteAddress: "192.0.2.7",
        };
        channel.close = () => {
            ended.push(name);
            server.emit("closeChannel", channel);
        };
        server.emit("newChannel", channel);
        server.emit("channelSecured", channel);
        return channel;
    };
    const openSession = (token, channel, user) => {
        const clientDescription = { applicationUri: "urn:a" };
        const userIdentityToken = user && { certificateData: user };
        const session = {
            nodeId: token,
            authenticationToken: token,
            channel,
            status: "active",
            clientDescription,
            userIdentityToken,
        };
        channel.sessionTokens[token] = session;
        sessions.set(token, session);
        server.emit("create_session", session);
        server.emit("session_activated", session);
        return session;
    };
    return { server, ended, openChannel, openSession, guard: guardServer(server) };
}

describe("a guarded server", () => {
    const CLIENT = { purpose: "client" };
    const USER = { purpose: "user" };

    for (const cause of ["blocked", "revoked", "untrusted", "unknown", "expired", "good"]) {
        const isCut = ["blocked", "revoked", "untrusted"].includes(cause);
        it(`${cause}: ${isCut ? "ends" : "ends nothing"}`, () => {
            const agent = makeAgent();
            const { ended, openChannel, openSession } = makeServer(agent);
            openSession("session", openChannel("channel", DER));
            agent.tell(cause, CLIENT);
            assert.deepEqual(ended, isCut ? ["session", "channel"] : []);
            assert.equal(agent.peers.size, isCut ? 0 : 1);
        });
    }

    it("watches each session, and a channel while it has none", () => {
        const agent = makeAgent();
        const { openChannel, openSession, server } = makeServer(agent);
        const keys = () => [...agent.peers.keys()].sort();
        const channel = openChannel("a", DER);
        openChannel("b", DER);
        assert.deepEqual(keys(), ["channel a", "channel b"]);
        openSession("one", channel);
        openSession("two", channel);
        assert.deepEqual(keys(), ["channel b", "session one", "session two"]);
        const { applicationUri, securityPolicyUri, context } = agent.peers.get("session one");
        assert.deepEqual([applicationUri, securityPolicyUri], ["urn:a", "policy"]);
        assert.deepEqual(context, { application: "urn:server", peerAddress: "192.0.2.7" });
        server.engine.closeSession("one");
        assert.deepEqual(keys(), ["channel b", "session two"]);
        server.engine.closeSession("two");
        assert.deepEqual(keys(), ["channel a", "channel b"]);
        server.emit("closeChannel", channel);
        assert.deepEqual(keys(), ["channel b"]);
    });

    it("ends a session that has lost its channel, and one that has moved to another with that", () => {
        const agent = makeAgent();
        const { ended, openChannel, openSession, server } = makeServer(agent);
        for (const token of ["lost", "moved"]) {
            const channel = openChannel(`first of ${token}`, DER);
            const session = openSession(token, channel);
            server.emit("closeChannel", channel);
            session.channel = undefined;
            if (token === "lost") continue;
            session.channel = openChannel("second", DER);
            session.channel.sessionTokens[token] = session;
            server.emit("session_activated", session);
        }
        assert.deepEqual([...agent.peers.keys()], ["session lost", "session moved"]);
        agent.tell("revoked", CLIENT);
        assert.deepEqual(ended, ["lost", "moved", "second"]);
        assert.equal(agent.peers.size, 0);
    });

    it("ends the session of a user and leaves the channel", () => {
        const agent = makeAgent();
        const { ended, openChannel, openSession } = makeServer(agent);
        const channel = openChannel("channel", DER);
        openSession("alice", channel, Buffer.from("alice"));
        openSession("nobody", channel);
        assert.equal(agent.peers.size, 3);
        agent.tell("revoked", USER);
        assert.deepEqual(ended, ["alice"]);
        assert.deepEqual([...agent.peers.keys()], ["session nobody"]);
    });

    it("follows a session that is activated for another user", () => {
        const agent = makeAgent();
        const { ended, openChannel, openSession, server } = makeServer(agent);
        const session = openSession("session", openChannel("channel", DER), Buffer.from("alice"));
        const user = () => agent.peers.get("user of session session")?.certificates;
        assert.deepEqual(user(), [Buffer.from("alice")]);
        session.userIdentityToken = { certificateData: Buffer.from("bob") };
        server.emit("session_activated", session);
        assert.deepEqual(user(), [Buffer.from("bob")]);
        session.userIdentityToken = {};
        server.emit("session_activated", session);
        assert.equal(user(), undefined);
        assert.deepEqual(ended, []);
    });

    it("watches anew who comes back after he was cut", () => {
        const agent = makeAgent();
        const { ended, openChannel } = makeServer(agent);
        openChannel("first", DER);
        agent.tell("revoked", CLIENT);
        openChannel("second", DER);
        assert.equal(agent.peers.size, 1);
        agent.tell("revoked", CLIENT);
        assert.deepEqual(ended, ["first", "second"]);
    });

    it("does not watch who has no certificate, and nobody when it is closed", () => {
        const agent = makeAgent();
        const { openChannel, openSession, guard } = makeServer(agent);
        openSession("session", openChannel("channel", null));
        assert.equal(agent.peers.size, 0);
        guard.close();
        assert.ok(agent.news.isClosed);
        openChannel("later", DER);
        assert.equal(agent.peers.size, 0);
    });
});

describe("a guard", () => {
    it("wants managers that judge for the right purpose", () => {
        const managers = ["client", "server", "user"].map(
            (purpose) => new AgentCertificateManager({ agent: makeAgent(), purpose }),
        );
        const other = new OPCUACertificateManager({});
        const [client, server, user] = managers;
        const rows = [
            [true, client, user],
            [true, client, other],
            [true, client, undefined],
            [false, client, client],
            [false, server, user],
            [false, other, user],
        ];
        for (const [isFine, serverCertificateManager, userCertificateManager] of rows) {
            const managed = { serverCertificateManager, userCertificateManager };
            const guard = () => guardServer(Object.assign(new EventEmitter(), managed));
            if (isFine) guard();
            else assert.throws(guard, TypeError);
        }
        for (const manager of [client, user, other, undefined]) {
            const managed = { clientCertificateManager: manager };
            assert.throws(() => guardClient(Object.assign(new EventEmitter(), managed)), TypeError);
        }
        const guard = () =>
            guardClient(Object.assign(new EventEmitter(), { clientCertificateManager: server }));
        const first = guard();
        assert.throws(guard, TypeError);
        first.close();
        guard().close();
    });
});

describe("a guarded client", () => {
    function makeClient(agent, more = {}) {
        const client = Object.assign(new EventEmitter(), {
            clientCertificateManager: new AgentCertificateManager({
                agent,
                purpose: "server",
                log: () => {},
            }),
            securityMode: 3,
            securityPolicy: "policy",
            connected: [],
            connect: async (url) => {
                client.connected.push(url);
                client.emit("secure_channel_created", { abortConnection: () => {} });
                if (!client.serverCertificate)
                    await client.clientCertificateManager.checkCertificate(DER);
                client.serverCertificate = DER;
                client.emit("connected");
            },
            disconnect: async () => client.emit("close"),
            findEndpointForSecurity: () => ({ server: { applicationUri: "urn:server" } }),
            ...more,
        });
        return client;
    }

    const rows = [
        ["opc.tcp://host.example.com:4840/path", "host.example.com"],
        ["opc.tcp://192.0.2.7:4840", "192.0.2.7"],
        ["opc.tcp://[2001:db8::7]:4840", "2001:db8::7"],
        ["opc.wss://host:443", "host"],
    ];
    for (const [url, hostName] of rows)
        it(`${url} is to be ${hostName}`, async () => {
            const agent = makeAgent();
            const client = makeClient(agent);
            guardClient(client);
            await client.connect(url);
            assert.equal(agent.questions[0].hostName, hostName);
            const [peer] = agent.peers.values();
            assert.deepEqual(
                [peer.hostName, peer.applicationUri, peer.purpose],
                [hostName, "urn:server", "server"],
            );
        });

    it("looks at a certificate that it was given", async () => {
        const agent = makeAgent(async () => verdictOf("BadCertificateRevoked"));
        const client = makeClient(agent, { serverCertificate: DER });
        guardClient(client, { applicationUri: "urn:meant" });
        await assert.rejects(client.connect("opc.tcp://host:4840"), /BadCertificateRevoked/);
        assert.deepEqual(client.connected, []);
        assert.equal(agent.questions[0].applicationUri, "urn:meant");
        await new Promise((resolve) =>
            client.connect("opc.tcp://host:4840", (error) =>
                resolve(assert.match(error.message, /Revoked/)),
            ),
        );
    });

    it("watches while it is connected, and asks each time that it connects", async () => {
        const agent = makeAgent();
        const client = makeClient(agent);
        guardClient(client);
        for (const n of [1, 2]) {
            await client.connect("opc.tcp://host:4840");
            assert.equal(agent.questions.length, n);
            assert.equal(agent.peers.size, 1);
            await client.disconnect();
            assert.equal(agent.peers.size, 0);
        }
    });

    it("leaves a server that is revoked, and no other", async () => {
        const agent = makeAgent();
        const client = makeClient(agent);
        const guard = guardClient(client);
        const cuts = [];
        guard.on("cut", ({ cause }) => cuts.push(cause));
        await client.connect("opc.tcp://host:4840");
        for (const cause of ["good", "unknown", "expired"]) agent.tell(cause, {});
        assert.deepEqual(cuts, []);
        agent.tell("revoked", {});
        assert.deepEqual(cuts, ["revoked"]);
        assert.equal(agent.peers.size, 0);
        guard.close();
        assert.ok(agent.news.isClosed);
    });
});
