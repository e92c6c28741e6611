// SPDX-License-Identifier: Apache-2.0

/**
 * Manager - a certificate manager of node-opcua that asks the agent instead of looking into a
 * folder.
 *
 * Its folder (rootFolder) holds the application's own key and certificate, and nothing that lies
 * there trusts anybody.
 */

/**
 * The class for the node-opcua that the application uses: adapt(opcua), or what these classes are
 * exported by. To be given them spares us a dependency, and a second copy of them.
 */
export function adapt({ OPCUACertificateManager, StatusCodes }) {
    return class AgentCertificateManager extends OPCUACertificateManager {
        #agent;
        #store;
        #purpose;
        #log;

        /**
         * agent: a TrustAgent. purpose: as what others present their certificates: "client" to a
         * server (default), "server" to a client, "user". log(text, { verdict, error }): told of
         * each that is refused. The rest is node-opcua's.
         */
        constructor({ agent, store, purpose = "client", log = console.warn, ...options }) {
            if (options.automaticallyAcceptUnknownCertificate)
                throw new TypeError(
                    "automaticallyAcceptUnknownCertificate: whom to trust the agent says",
                );
            super({ disableFileWatchers: true, ...options });
            this.#agent = agent;
            this.#store = store;
            this.#purpose = purpose;
            this.#log = log;
        }

        get agent() {
            return this.#agent;
        }

        get purpose() {
            return this.#purpose;
        }

        /** What to ask of a certificate, or of a chain, of one who presents it to us. */
        question(certificate, more = {}) {
            const certificates = Array.isArray(certificate) ? certificate : [certificate];
            return { certificates, purpose: this.#purpose, store: this.#store, ...more };
        }

        checkCertificate(certificate, callback) {
            return answer(this.judge(certificate), callback);
        }

        getTrustStatus(certificate, callback) {
            return answer(this.judge(certificate), callback);
        }

        /** Never throws: whatever keeps the agent from a verdict refuses. */
        async judge(certificate, more) {
            try {
                return this.#statusOf(await this.#agent.validate(this.question(certificate, more)));
            } catch (error) {
                this.#tell(error.message, { error });
                return StatusCodes.BadSecurityChecksFailed;
            }
        }

        /**
         * A stranger is told as little as OPC 10000-4 6.1.3 says; the client itself may know all of
         * its server.
         */
        #statusOf(verdict) {
            if (verdict.trusted) return StatusCodes.Good;
            const subject = verdict.chain[0]?.subject ?? "";
            const why =
                verdict.findings.find(({ severity }) => severity === "error")?.message ?? "";
            this.#tell(`${verdict.statusName}, ${subject}: ${why}`, { verdict });
            const name = this.#purpose === "server" ? verdict.statusName : verdict.wireStatusName;
            const status = StatusCodes[name];
            return status && !status.isGood() ? status : StatusCodes.BadSecurityChecksFailed;
        }

        /** A stranger's names may hold anything: one line of log stays one. */
        #tell(why, what) {
            const text = `uatrust: refused a ${this.#purpose}'s certificate: ${why}`;
            this.#log(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?"), what);
        }
    };
}

/** A certificate that is judged for another purpose than it serves may let in whom nobody meant. */
export function expectPurpose(manager, name, purpose) {
    if (manager?.purpose !== purpose)
        throw new TypeError(`${name} is to be one of adapt(), with purpose "${purpose}"`);
}

/** As node-opcua calls: with a callback, or for a promise. */
function answer(status, callback) {
    if (!callback) return status;
    status.then((value) => callback(null, value), callback);
}
