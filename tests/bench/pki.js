// SPDX-License-Identifier: Apache-2.0
//
// What a user of node-opcua would pick: `node pki.js MODULES STORE FOLDER UNSEEN N`. The CertificateManager of
// node-opcua-pki, as MODULES has it, reads the certificates and CRLs of STORE, and judges N certificates of UNSEEN by
// them. FOLDER gets its own key, made beforehand, links to certificates, and CRLs as PEM: in DER it reads none of 64 KiB
// or more. Prints JSON; what starting node and the package costs is left out.

"use strict";

const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const [modules, store, folder, unseen, n] = process.argv.slice(2);
const { CertificateManager } = createRequire(path.join(modules, "_"))("node-opcua-pki");

const nowNs = () => Number(process.hrtime.bigint());

function quantile(sorted, part) {
    return sorted[Math.floor(part * (sorted.length - 1))];
}

function copyCrls(from, to) {
    for (const name of fs.existsSync(from) ? fs.readdirSync(from) : []) {
        const text = fs.readFileSync(path.join(from, name)).toString("base64").replace(/.{64}/g, "$&\n");
        fs.writeFileSync(path.join(to, name), `-----BEGIN X509 CRL-----\n${text}\n-----END X509 CRL-----\n`);
    }
}

async function main() {
    const own = new CertificateManager({ location: folder, disableFileWatchers: true });
    await own.initialize();
    await own.dispose();
    for (const list of ["trusted", "issuers"]) {
        fs.rmSync(path.join(folder, list, "certs"), { recursive: true });
        if (fs.existsSync(path.join(store, list, "certs"))) {
            fs.symlinkSync(path.join(store, list, "certs"), path.join(folder, list, "certs"));
        }
        copyCrls(path.join(store, list, "crl"), path.join(folder, list, "crl"));
    }

    const all = fs.readFileSync(unseen);
    const bytes = all.readUInt16BE(2) + 4;
    const ask = async (i) => {
        const start = nowNs();
        const status = await manager.verifyCertificate(all.subarray(i * bytes, (i + 1) * bytes), {
            acceptCertificateWithValidIssuerChain: true,
        });
        return { ns: nowNs() - start, status };
    };

    const start = nowNs();
    const manager = new CertificateManager({ location: folder });
    await manager.initialize();
    const first = await ask(0);
    const loadNs = nowNs() - start;
    const rss = process.memoryUsage().rss;

    const times = [];
    const statuses = new Set([first.status]);
    for (let i = 1; i <= Number(n); i++) {
        const { ns, status } = await ask(i);
        times.push(ns);
        statuses.add(status);
    }
    times.sort((a, b) => a - b);
    console.log(JSON.stringify({
        load_ns: loadNs, resident_kib: Math.round(rss / 1024), statuses: [...statuses],
        ns: quantile(times, 0.5), p99_ns: quantile(times, 0.99),
    }));
    process.exit(0);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
