// SPDX-License-Identifier: Apache-2.0

import type { EventEmitter } from "node:events";

export type Purpose = "client" | "server" | "user" | "https";
export type Cause = "blocked" | "revoked" | "unknown" | "untrusted" | "expired" | "good";

/** As Validate of org.uatrust.agent1 has it; certificates in DER, the one in question first. */
export interface Question {
    certificates: Uint8Array[];
    purpose: Purpose;
    store?: string;
    securityPolicyUri?: string;
    applicationUri?: string;
    hostName?: string;
    suppress?: string[];
    at?: number;
    context?: { application?: string; peerAddress?: string; endpointUrl?: string };
}

export interface Finding {
    step: string;
    severity: "error" | "suppressed" | "note";
    statusName: string;
    statusCode: number;
    chainIndex: number;
    thumbprint: string;
    auditEventType: string;
    message: string;
}

export interface Verdict {
    trusted: boolean;
    statusCode: number;
    statusName: string;
    wireStatusCode: number;
    wireStatusName: string;
    findings: Finding[];
    notChecked: string[];
    chain: { sha256: string; thumbprint: string; subject: string; list: string; origin?: string }[];
    store: string;
    agentId: string;
    generation: number;
    validUntil?: number;
    auditEventId?: string;
}

export interface Options {
    socket?: string;
    store?: string;
    limitMs?: number;
}

export class TrustAgent {
    constructor(options?: Options);
    validate(question: Question): Promise<Verdict>;
    call(method: string, parameters?: object): Promise<Record<string, unknown>>;
    watch(): Watch;
    close(): void;
}

export interface Peer extends Omit<Question, "at"> {
    key: string;
}

export interface PeerState {
    key: string;
    seq: number;
    cause: Cause;
    statusName: string;
    verdict?: Verdict;
}

export class Watch extends EventEmitter {
    set(peer: Peer): void;
    delete(key: string): void;
    close(): void;
    on(event: "state", listener: (state: PeerState) => void): this;
    on(event: "watching", listener: () => void): this;
    on(event: "lost", listener: (error: AgentUnreachable) => void): this;
    on(event: "refused", listener: (key: string, error: VarlinkError) => void): this;
}

export const CUTS: ReadonlySet<Cause>;

export class AgentUnreachable extends Error {}

export class VarlinkError extends Error {
    readonly error: string;
    readonly parameters: Record<string, unknown>;
}
