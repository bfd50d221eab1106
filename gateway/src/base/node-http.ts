/**
 * Node's HTTP and HTTPS. An `import` of either evaluates every export, and with `fetch` and `WebSocket` among them loads a
 * second HTTP client that nobody here uses: 5 MB and 20 ms in each process. This way of getting them does not.
 */
export const http = process.getBuiltinModule('node:http');
export const https = process.getBuiltinModule('node:https');
