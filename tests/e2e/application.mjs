// SPDX-License-Identifier: Apache-2.0

/**
 * What the applications under test share: node-opcua, a folder with a key of their own, and JSON
 * lines for orders.
 */

import { webcrypto } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

import { TrustAgent } from "../../client-lib/node/index.js";
import { adapt } from "../../client-lib/node/node-opcua.js";

globalThis.crypto ??= webcrypto; // which Node.js 18 does not do by itself

/** Of the build folder, in which fetch.py has put it. */
export const require = createRequire(`${process.env.UATRUST_MODULES}/`);

const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { StatusCodes } = require("node-opcua-status-code");

export const AgentCertificateManager = adapt({ OPCUACertificateManager, StatusCodes });

/** One line of JSON for the driver, with the clock that it has too. */
export function tell(event, more) {
    process.stdout.write(
        `${JSON.stringify({ event, ns: Number(process.hrtime.bigint()), ...more })}\n`,
    );
}

export function makeAgent() {
    return new TrustAgent({ limitMs: Number(process.env.UATRUST_LIMIT_MS) });
}

/** A manager whose folder has certificate and key already; what it refuses is told. */
export function makeManager(folder, identity, options) {
    for (const place of ["own/certs", "own/private"])
        fs.mkdirSync(path.join(folder, place), { recursive: true });
    fs.copyFileSync(`${identity}.der`, path.join(folder, "own/certs/certificate.der"));
    fs.copyFileSync(`${identity}.key`, path.join(folder, "own/private/private_key.pem"));
    const log = (text, { verdict }) =>
        tell("refused", { text, statusName: verdict?.statusName ?? null });
    return new AgentCertificateManager({ rootFolder: folder, log, ...options });
}

export function identityOf(folder) {
    return {
        certificateFile: path.join(folder, "own/certs/certificate.der"),
        privateKeyFile: path.join(folder, "own/private/private_key.pem"),
    };
}

/**
 * Does what the driver says, one order after another: { id, order, ... } is answered by { id, value
 * } or { id, error }.
 */
export async function obey(orders) {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const { id, order, ...more } = JSON.parse(line);
        try {
            tell("answer", { id, value: await orders[order](more) });
        } catch (error) {
            tell("answer", { id, error: error.message });
        }
    }
    process.exit();
}
