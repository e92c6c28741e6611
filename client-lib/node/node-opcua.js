// SPDX-License-Identifier: Apache-2.0

export { guardClient } from "./src/node-opcua/client.js";
export { adapt } from "./src/node-opcua/manager.js";
export { guardServer } from "./src/node-opcua/server.js";
