// SPDX-License-Identifier: Apache-2.0

/**
 * server.mjs FOLDER IDENTITY URI PORT: an OPC UA server on node-opcua that trusts whom the agent
 * trusts.
 */

import path from "node:path";

import { guardServer } from "../../client-lib/node/node-opcua.js";
import { identityOf, makeAgent, makeManager, obey, require, tell } from "./application.mjs";

const { OPCUAServer } = require("node-opcua-server");
const { MessageSecurityMode, SecurityPolicy } = require("node-opcua-client");

const [folder, identity, applicationUri, port] = process.argv.slice(2);
const agent = makeAgent();
const own = path.join(folder, "pki");

const server = new OPCUAServer({
    port: Number(port),
    hostname: "localhost",
    host: "127.0.0.1",
    serverInfo: { applicationUri },
    ...identityOf(own),
    serverCertificateManager: makeManager(own, identity, { agent }),
    userCertificateManager: makeManager(path.join(folder, "users"), identity, {
        agent,
        purpose: "user",
        store: "user",
    }),
    securityModes: [MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [SecurityPolicy.Basic256Sha256],
    allowAnonymous: true,
});

const guard = guardServer(server);
guard.on("cut", ({ cause, statusName, session }) =>
    tell("cut", { cause, statusName, scope: session ? "session" : "channel" }),
);
guard.on("lost", () => tell("lost"));
guard.on("watching", () => tell("watching"));
server.on("session_closed", (session) => tell("session ended", { name: session.sessionName }));

await server.start();
tell("started", { url: server.getEndpointUrl() });
await obey({
    sessions: () => server.currentSessionCount,
});
