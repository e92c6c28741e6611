// SPDX-License-Identifier: Apache-2.0

/**
 * ClientGuard - a client that has its server's certificate judged with host name and application
 * URI whenever it connects, and disconnects when that is known to be revoked, blocked, or trusted
 * no more; for nothing else.
 */

import { EventEmitter } from "node:events";

import { CUTS } from "../watch.js";
import { expectPurpose } from "./manager.js";

const KEY = "server";
const SECURITY_MODE_NONE = 1;
const GOODBYE_MS = 500;

/**
 * Before client.connect(); its clientCertificateManager is one of adapt() with purpose "server",
 * and its alone. applicationUri: that of the server which is meant, if known; else what the
 * server's endpoint says must be in its certificate.
 */
export function guardClient(client, options) {
    return new ClientGuard(client, options);
}

function hostNameOf(endpointUrl) {
    return new URL(endpointUrl.replace(/^opc\.\w+:/, "http:")).hostname.replace(/^\[|\]$/g, "");
}

/**
 * Events: "cut" ({ cause, statusName }) before it disconnects; "lost" (error) and "watching" as of
 * a Watch.
 */
class ClientGuard extends EventEmitter {
    #client;
    #manager;
    #applicationUri;
    #hostName;
    #watch;
    #channel;
    #connect;

    constructor(client, { applicationUri } = {}) {
        super();
        this.#client = client;
        this.#manager = client.clientCertificateManager;
        expectPurpose(this.#manager, "clientCertificateManager", "server");
        if (Object.hasOwn(this.#manager, "checkCertificate"))
            throw new TypeError("clientCertificateManager is another client's: each has its own");
        this.#applicationUri = applicationUri;
        this.#watch = this.#manager.agent.watch();
        this.#watch.on("state", (state) => CUTS.has(state.cause) && this.#cut(state));
        for (const event of ["lost", "watching", "refused"])
            this.#watch.on(event, (...what) => this.emit(event, ...what));
        this.#manager.checkCertificate = (certificate, callback) =>
            this.#check(certificate, callback);
        this.#connect = client.connect;
        client.connect = (endpointUrl, callback) => {
            const done = this.#connectChecked(endpointUrl);
            if (!callback) return done;
            done.then(() => callback(), callback);
        };
        client.on("secure_channel_created", (channel) => (this.#channel = channel));
        client.on("connected", () => this.#hold());
        client.on("close", () => this.#watch.delete(KEY));
    }

    close() {
        this.#client.connect = this.#connect;
        delete this.#manager.checkCertificate;
        this.#watch.close();
    }

    #check(certificate, callback) {
        const status = this.#manager.judge(certificate, this.#identity());
        if (!callback) return status;
        status.then((value) => callback(null, value), callback);
    }

    #identity(endpointUri) {
        return {
            hostName: this.#hostName,
            applicationUri: this.#applicationUri ?? endpointUri ?? undefined,
        };
    }

    /**
     * node-opcua does not look at a certificate that it was given, or has from an earlier
     * connection.
     */
    async #connectChecked(endpointUrl) {
        this.#hostName = hostNameOf(endpointUrl);
        const { serverCertificate, securityMode } = this.#client;
        if (serverCertificate && securityMode !== SECURITY_MODE_NONE) {
            const status = await this.#check(serverCertificate);
            if (!status.isGood())
                throw new Error(`server Certificate verification failed with err ${status}`);
        }
        return this.#connect.call(this.#client, endpointUrl);
    }

    #hold() {
        const { serverCertificate, securityMode, securityPolicy } = this.#client;
        if (!serverCertificate || securityMode === SECURITY_MODE_NONE) return;
        const endpoint = this.#client.findEndpointForSecurity(securityMode, securityPolicy);
        const identity = this.#identity(endpoint?.server?.applicationUri);
        const context = {
            application: this.#client.applicationName || undefined,
            endpointUrl: this.#client.endpointUrl,
        };
        const question = { ...identity, securityPolicyUri: securityPolicy, context };
        this.#watch.set({ key: KEY, ...this.#manager.question(serverCertificate, question) });
    }

    /** It says goodbye, and does not wait long for an answer of one who is not to be trusted. */
    #cut(state) {
        const channel = this.#channel;
        this.#watch.delete(KEY);
        this.emit("cut", state);
        const timer = setTimeout(() => channel.abortConnection(() => {}), GOODBYE_MS);
        this.#client.disconnect().then(
            () => clearTimeout(timer),
            () => {},
        );
    }
}
