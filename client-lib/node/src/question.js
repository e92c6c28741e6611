// SPDX-License-Identifier: Apache-2.0

/** What Validate and RegisterPeers ask, as the wire has it: certificates in DER become base64. */
export function encode({ certificates, store, ...rest }, defaultStore) {
    return {
        ...rest,
        store: store ?? defaultStore,
        certificates: certificates.map((der) => Buffer.from(der).toString("base64")),
    };
}
