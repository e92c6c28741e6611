// SPDX-License-Identifier: Apache-2.0

/**
 * ServerGuard - ends the sessions and channels of a server whose certificates, the client's or the
 * user's, are known to be revoked, blocked, or trusted no more (OPC 10000-12 7.8.2.5); for nothing
 * else.
 *
 * Each session is a watched peer, each user who has a certificate is one, and so is a channel while
 * it has no session: before an administrator changes something, the agent can tell him which
 * sessions that would end.
 */

import { EventEmitter } from "node:events";

import { CUTS } from "../watch.js";
import { expectPurpose } from "./manager.js";

/**
 * Before server.start(); its serverCertificateManager is one of adapt(), its userCertificateManager
 * may be. What was in force when a channel or session was made is judged by node-opcua's call to
 * the manager.
 */
export function guardServer(server) {
    return new ServerGuard(server);
}

function keyOf(what, { nodeId, channelId }) {
    return `${what} ${nodeId ?? channelId}`;
}

/**
 * Events: "cut" (state, with session or channel) before one is ended; "lost" (error) when the agent
 * went away, "watching" when it knows of all peers again, "refused" (key, error) for one that it
 * does not take, as of a Watch.
 */
class ServerGuard extends EventEmitter {
    #server;
    #watch;
    #cuts = new Map(); // key of a watched peer -> what ends it
    #channels = new Set(); // that are open, and have a certificate
    #homes = new Map(); // session -> the channel that it is on
    #listeners;

    constructor(server) {
        super();
        expectPurpose(server.serverCertificateManager, "serverCertificateManager", "client");
        if (server.userCertificateManager?.agent)
            expectPurpose(server.userCertificateManager, "userCertificateManager", "user");
        this.#server = server;
        this.#watch = server.serverCertificateManager.agent.watch();
        this.#watch.on(
            "state",
            (state) => CUTS.has(state.cause) && this.#cuts.get(state.key)?.(state),
        );
        for (const event of ["lost", "watching", "refused"])
            this.#watch.on(event, (...what) => this.emit(event, ...what));
        this.#listeners = {
            newChannel: (channel, endpoint) => this.#introduce(channel, endpoint),
            channelSecured: (channel) => this.#enterChannel(channel),
            closeChannel: (channel) => this.#leaveChannel(channel),
            create_session: (session) => this.#enterSession(session),
            session_activated: (session) => this.#activate(session),
            session_closed: (session) => this.#leaveSession(session),
        };
        for (const [event, listener] of Object.entries(this.#listeners)) server.on(event, listener);
    }

    /** Open sessions are watched no more. */
    close() {
        for (const [event, listener] of Object.entries(this.#listeners))
            this.#server.off(event, listener);
        this.#watch.close();
    }

    #hold(key, peer, cut) {
        this.#cuts.set(key, cut);
        this.#watch.set({ key, ...peer });
    }

    #release(key) {
        if (this.#cuts.delete(key)) this.#watch.delete(key);
    }

    #contextOf(channel, endpointUrl) {
        const application = this.#server.serverInfo?.applicationUri;
        const known = { application, peerAddress: channel.remoteAddress, endpointUrl };
        return Object.fromEntries(Object.entries(known).filter(([, value]) => value));
    }

    /**
     * Lets the agent record where one comes from whom it refuses: its administrator is shown the
     * address.
     */
    #introduce(channel, endpoint) {
        const manager = this.#server.serverCertificateManager;
        const context = this.#contextOf(
            channel,
            endpoint?.endpointDescriptions?.()[0]?.endpointUrl,
        );
        const introduced = {
            checkCertificate: (certificate) => manager.judge(certificate, { context }),
        };
        Object.defineProperty(channel, "certificateManager", {
            value: introduced,
            configurable: true,
        });
    }

    #peerOf(channel, more) {
        const manager = this.#server.serverCertificateManager;
        return manager.question(channel.clientCertificate, {
            securityPolicyUri: channel.securityPolicy,
            ...more,
        });
    }

    #holdChannel(channel) {
        const peer = this.#peerOf(channel, { context: this.#contextOf(channel) });
        this.#hold(keyOf("channel", channel), peer, (state) => this.#cutChannel(channel, state));
    }

    #enterChannel(channel) {
        if (!channel.clientCertificate) return;
        this.#channels.add(channel);
        this.#holdChannel(channel);
    }

    #leaveChannel(channel) {
        this.#channels.delete(channel);
        this.#release(keyOf("channel", channel));
    }

    #enterSession(session) {
        const { channel } = session;
        if (!this.#channels.has(channel)) return;
        const applicationUri = session.clientDescription?.applicationUri || undefined;
        const context = this.#contextOf(channel, session.endpoint?.endpointUrl);
        this.#hold(
            keyOf("session", session),
            this.#peerOf(channel, { applicationUri, context }),
            (state) => {
                if (session.channel) this.#cutChannel(session.channel, state);
                this.#cutSession(session, state);
            },
        );
        this.#move(session);
    }

    #move(session) {
        this.#homes.set(session, session.channel);
        this.#release(keyOf("channel", session.channel));
    }

    /** For whatever user, and on whatever channel, it is from now on. */
    #activate(session) {
        const certificate = session.userIdentityToken?.certificateData;
        const manager = this.#server.userCertificateManager;
        const key = keyOf("user of session", session);
        this.#release(key);
        if (this.#homes.has(session) && session.channel) this.#move(session);
        if (!certificate || !manager?.agent) return;
        const context = this.#contextOf(session.channel ?? {}, session.endpoint?.endpointUrl);
        this.#hold(key, manager.question(certificate, { context }), (state) =>
            this.#cutSession(session, state),
        );
    }

    #leaveSession(session) {
        const channel = this.#homes.get(session);
        this.#homes.delete(session);
        this.#release(keyOf("session", session));
        this.#release(keyOf("user of session", session));
        if (this.#channels.has(channel) && !Object.keys(channel.sessionTokens).length)
            this.#holdChannel(channel);
    }

    #cutSession(session, state) {
        if (session.status === "closed" || session.status === "disposed") return;
        this.emit("cut", { ...state, session });
        this.#server.engine.closeSession(session.authenticationToken, true, "Terminated");
    }

    /** Its sessions first, so that none is left to be taken up by another channel. */
    #cutChannel(channel, state) {
        if (!this.#channels.delete(channel)) return;
        for (const session of Object.values(channel.sessionTokens))
            this.#cutSession(session, state);
        this.emit("cut", { ...state, channel });
        channel.close();
    }
}
