/** The port at which the owner takes what other gateways pass on; whatever carries no proof of that is refused. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { cameFrom } from '../../auth/request-facts.ts';
import { http } from '../../base/node-http.ts';
import { SLOW_LIMITS, serverOptions } from '../http/request-limits.ts';
import { HOP, type Hops } from './hop.ts';

const REFUSED = JSON.stringify({
  message: 'only gateways of this installation are answered here',
  reason: 'Forbidden',
});

const answering = new WeakMap<Server, Set<ServerResponse>>();

/** How many requests are not answered yet, without sockets. */
export const underWay = (inner: Server): number => answering.get(inner)?.size ?? 0;

/** `edge` answers what is taken, as if it had come to its own port. Resolves when it listens at `host:port`. */
export async function listenInside(edge: Server, address: { host: string; port: number }, hops: Hops): Promise<Server> {
  const take = (request: IncomingMessage): boolean => {
    const from = hops.read(request);
    if (from === undefined) return false;
    delete request.headers[HOP];
    cameFrom(request, from);
    return true;
  };
  const open = new Set<ServerResponse>();
  const server = http.createServer(serverOptions(SLOW_LIMITS), (request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    if (take(request)) edge.emit('request', request, response);
    else response.writeHead(403, { 'Content-Type': 'application/json', Connection: 'close' }).end(REFUSED);
  });
  answering.set(server, open);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (take(request)) edge.emit('upgrade', request, socket, head);
    else socket.destroy();
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(address.port, address.host, done));
  return server;
}
