// SPDX-License-Identifier: Apache-2.0

import type { EventEmitter } from "node:events";

import type {
    AgentUnreachable,
    PeerState,
    Purpose,
    Question,
    TrustAgent,
    Verdict,
    VarlinkError,
} from "./index.js";

/** What the manager takes beside the options of node-opcua's own. */
export interface ManagerOptions {
    agent: TrustAgent;
    store?: string;
    purpose?: Purpose;
    log?: (text: string, why: { verdict?: Verdict; error?: Error }) => void;
}

export interface AgentManager {
    readonly agent: TrustAgent;
    readonly purpose: Purpose;
    question(certificate: Uint8Array | Uint8Array[], more?: Partial<Question>): Question;
    judge(certificate: Uint8Array | Uint8Array[], more?: Partial<Question>): Promise<any>;
}

type Constructor = new (...args: any[]) => object;

export function adapt<Base extends Constructor>(opcua: {
    OPCUACertificateManager: Base;
    StatusCodes: object;
}): new (
    options: ConstructorParameters<Base>[0] & ManagerOptions,
) => InstanceType<Base> & AgentManager;

export interface Guard<Cut> extends EventEmitter {
    close(): void;
    on(event: "cut", listener: (cut: Cut) => void): this;
    on(event: "lost", listener: (error: AgentUnreachable) => void): this;
    on(event: "watching", listener: () => void): this;
    on(event: "refused", listener: (key: string, error: VarlinkError) => void): this;
}

export function guardServer(server: object): Guard<PeerState & { session?: any; channel?: any }>;
export function guardClient(
    client: object,
    options?: { applicationUri?: string },
): Guard<PeerState>;
