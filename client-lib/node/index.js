// SPDX-License-Identifier: Apache-2.0

export { TrustAgent } from "./src/agent.js";
export { VarlinkError } from "./src/caller.js";
export { AgentUnreachable } from "./src/connection.js";
export { CUTS, Watch } from "./src/watch.js";
