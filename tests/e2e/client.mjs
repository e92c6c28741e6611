// SPDX-License-Identifier: Apache-2.0

/**
 * client.mjs FOLDER: OPC UA clients on node-opcua, as many as the driver asks for, each with one
 * session.
 */

import fs from "node:fs";
import path from "node:path";

import { guardClient } from "../../client-lib/node/node-opcua.js";
import { identityOf, makeAgent, makeManager, obey, require, tell } from "./application.mjs";

const {
    AttributeIds,
    MessageSecurityMode,
    OPCUAClient,
    SecurityPolicy,
    StatusCodes,
    UserTokenType,
} = require("node-opcua-client");

const CURRENT_TIME = "i=2258";

const [folder] = process.argv.slice(2);
const agent = makeAgent();
const clients = new Map();

function userOf(user) {
    if (!user) return { type: UserTokenType.Anonymous };
    const certificateData = fs.readFileSync(`${user}.der`);
    return {
        type: UserTokenType.Certificate,
        certificateData,
        privateKey: fs.readFileSync(`${user}.key`, "utf8"),
    };
}

function makeClient(name, { identity, applicationUri, trustsAll, renewMs }) {
    const own = path.join(folder, name);
    const manager = makeManager(own, identity, { agent, purpose: "server" });
    if (trustsAll) manager.judge = async () => StatusCodes.Good;
    return OPCUAClient.create({
        applicationUri,
        clientName: name,
        ...identityOf(own),
        clientCertificateManager: manager,
        securityMode: MessageSecurityMode.SignAndEncrypt,
        securityPolicy: SecurityPolicy.Basic256Sha256,
        connectionStrategy: { maxRetry: 0 },
        keepSessionAlive: false,
        tokenRenewalInterval: renewMs,
    });
}

async function connect({ name, url, user, serverUri, ...more }) {
    const client = makeClient(name, more);
    const guard = guardClient(client, { applicationUri: serverUri });
    guard.on("cut", ({ cause, statusName }) => tell("client cut", { name, cause, statusName }));
    client.on("security_token_renewed", () => tell("renewed", { name }));
    for (const event of ["connection_lost", "close"])
        client.on(event, () => tell("client ended", { name, how: event }));
    try {
        await client.connect(url);
        const session = await client.createSession(userOf(user));
        clients.set(name, { client, guard, session });
    } catch (error) {
        guard.close();
        await client.disconnect();
        throw error;
    }
}

async function read({ name }) {
    const { session } = clients.get(name);
    const value = await session.read({ nodeId: CURRENT_TIME, attributeId: AttributeIds.Value });
    if (!value.statusCode.isGood()) throw new Error(value.statusCode.name);
    return value.value.value;
}

/** A question whose answer is not waited for. */
function touch({ name }) {
    read({ name }).catch(() => {});
}

async function disconnect({ name }) {
    const { client, guard } = clients.get(name);
    clients.delete(name);
    await client.disconnect();
    guard.close();
}

tell("started");
await obey({ connect, read, touch, disconnect });
