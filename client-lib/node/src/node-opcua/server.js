// SPDX-License-Identifier: Apache-2.0

/**
 * ServerGuard - ends the sessions and channels of a server whose certificates, the client's or the user's, are known to be
 * revoked, blocked, or trusted no more (OPC 10000-12 7.8.2.5); for nothing else.
 */

import { EventEmitter } from "node:events";

import { Held } from "./held.js";

/**
 * Before server.start(); its serverCertificateManager is one of adapt(), its userCertificateManager may be. What was in
 * force when a channel or session was made is judged by node-opcua's call to the manager.
 */
export function guardServer(server) {
    return new ServerGuard(server);
}

/**
 * Events: "cut" ({ cause, statusName, session or channel }) before a session, or a channel, is ended; "lost" (error) when
 * the agent went away, "watching" when it knows of all peers again.
 */
class ServerGuard extends EventEmitter {
    #server;
    #watch;
    #held;
    #holders = new Map(); // channel or session -> who holds its certificate
    #users = new Map(); // session -> who holds its user's
    #listeners;

    constructor(server) {
        super();
        this.#server = server;
        this.#watch = server.serverCertificateManager.agent.watch();
        this.#held = new Held(this.#watch);
        for (const event of ["lost", "watching", "refused"]) this.#watch.on(event, (...what) => this.emit(event, ...what));
        this.#listeners = {
            newChannel: (channel, endpoint) => this.#introduce(channel, endpoint),
            channelSecured: (channel) => this.#holdChannel(channel),
            closeChannel: (channel) => this.#release(this.#holders, channel),
            create_session: (session) => this.#holdSession(session),
            session_activated: (session) => this.#holdUser(session),
            session_closed: (session) => {
                this.#release(this.#holders, session);
                this.#release(this.#users, session);
            },
        };
        for (const [event, listener] of Object.entries(this.#listeners)) server.on(event, listener);
    }

    /** Open sessions are watched no more. */
    close() {
        for (const [event, listener] of Object.entries(this.#listeners)) this.#server.off(event, listener);
        this.#watch.close();
    }

    /** Lets the agent record where one comes from whom it refuses: its administrator is shown the address. */
    #introduce(channel, endpoint) {
        const context = {
            application: this.#server.serverInfo?.applicationUri ?? undefined,
            peerAddress: channel.remoteAddress || undefined,
            endpointUrl: endpoint?.endpointDescriptions?.()[0]?.endpointUrl ?? undefined,
        };
        const manager = this.#server.serverCertificateManager;
        const introduced = { checkCertificate: (certificate) => manager.judge(certificate, { context }) };
        Object.defineProperty(channel, "certificateManager", { value: introduced, configurable: true });
    }

    #hold(holders, thing, peer, cut) {
        const holder = holders.get(thing) ?? { cut };
        holders.set(thing, holder);
        this.#held.hold(holder, peer);
    }

    #release(holders, thing) {
        const holder = holders.get(thing);
        holders.delete(thing);
        if (holder) this.#held.release(holder);
    }

    #peerOf(channel, more) {
        const { clientCertificate, securityPolicy } = channel;
        const question = { securityPolicyUri: securityPolicy, ...more };
        return this.#server.serverCertificateManager.question(clientCertificate, question);
    }

    #holdChannel(channel) {
        if (channel.clientCertificate)
            this.#hold(this.#holders, channel, this.#peerOf(channel), (state) => this.#cutChannel(channel, state));
    }

    #holdSession(session) {
        const { channel } = session;
        if (!channel?.clientCertificate) return;
        const applicationUri = session.clientDescription?.applicationUri || undefined;
        this.#hold(this.#holders, session, this.#peerOf(channel, { applicationUri }), (state) => {
            const last = session.channel;
            this.#cutSession(session, state);
            if (last) this.#cutChannel(last, state);
        });
    }

    /** Whoever the session belongs to now: a client may activate it anew for another user. */
    #holdUser(session) {
        const certificate = session.userIdentityToken?.certificateData;
        const manager = this.#server.userCertificateManager;
        this.#release(this.#users, session);
        if (certificate && manager?.agent)
            this.#hold(this.#users, session, manager.question(certificate), (state) => this.#cutSession(session, state));
    }

    #cutSession(session, state) {
        if (session.status === "closed" || session.status === "disposed") return;
        this.emit("cut", { ...state, session });
        this.#server.engine.closeSession(session.authenticationToken, true, "Terminated");
    }

    /** Its sessions first, so that none is left to be taken up by another channel. */
    #cutChannel(channel, state) {
        if (!this.#holders.has(channel)) return;
        this.#release(this.#holders, channel);
        for (const session of Object.values(channel.sessionTokens)) this.#cutSession(session, state);
        this.emit("cut", { ...state, channel });
        channel.close();
    }
}
