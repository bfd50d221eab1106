/**
 * What a connection and a request may be before anything of them is looked at: how many, how slow, how odd. Bodies are bounded where
 * they are read (body.ts, file-routes.ts), frames where upgrades are accepted, rates in auth/rates.ts.
 */
import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import { clientAddress, isAmong, networkOf } from '../../auth/client-address.ts';
import { readFacts } from '../../auth/request-facts.ts';
import { CarrelError } from '../../base/errors.ts';
import type { EdgeDeps, SlowLimits } from '../gateway-edge.ts';

/** An upload is a file over a slow line; one that stands still is given up much earlier. */
export const SLOW_LIMITS: SlowLimits = { head: 20_000, body: 120_000, upload: 3_600_000, silent: 60_000 };
const MOST_HEADERS = 200;

export interface ConnectionLimits {
  readonly all: number;
  /** Of one address that is no proxy. */
  readonly ofOne: number;
}
export const CONNECTION_LIMITS: ConnectionLimits = { all: 25_000, ofOne: 4000 };
const UPLOAD = /\/api\/worksheets\/[^/]+\/files\//;

/** Strictness of the parser is what keeps a proxy and this server from seeing different requests in the same bytes. */
export const serverOptions = ({ head, upload }: SlowLimits): ServerOptions => ({
  noDelay: true,
  keepAliveTimeout: 65_000,
  headersTimeout: head,
  requestTimeout: upload,
  connectionsCheckingInterval: Math.min(5000, head),
  maxHeaderSize: 16 * 1024,
  insecureHTTPParser: false,
  requireHostHeader: true,
});

/** Bounds connections; what is beyond is closed without an answer, which would cost what it saves. */
export function limitConnections(server: Server, proxies: readonly string[], limits = CONNECTION_LIMITS): void {
  server.maxHeadersCount = MOST_HEADERS;
  server.maxConnections = limits.all;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isAmong(address.replace(/^::ffff:/, ''), proxies)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > limits.ofOne) return void socket.destroy();
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}

/** Throws `bad_request` for what a proxy in front may have understood in another way. */
export function requirePlain(request: IncomingMessage): void {
  if (!request.url?.startsWith('/'))
    throw new CarrelError('bad_request', 'expected the path of an address behind the method, beginning with "/"');
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) throw new CarrelError('bad_request', `expected one Host, got ${hosts.length}`);
}

/** Counts a request of this address. Throws `quota_reached`. */
export const countAddress = (deps: Pick<EdgeDeps, 'rates' | 'proxies'>, request: IncomingMessage): Promise<void> =>
  deps.rates.take('address', networkOf(clientAddress(readFacts(request), deps.proxies)));

/** First of all: before it, nothing of a request has cost anything. */
export const requestLimits =
  (deps: Pick<EdgeDeps, 'rates' | 'proxies' | 'slow'>): RequestHandler =>
  (request, response, next) => {
    requirePlain(request);
    if (!(request.method === 'PUT' && UPLOAD.test(request.path))) endSlowBody(request, response, deps.slow.body);
    countAddress(deps, request).then(() => next(), next);
  };

/** A body of which a byte comes now and then holds a connection and its memory for as long as it likes. */
function endSlowBody(request: Parameters<RequestHandler>[0], response: Parameters<RequestHandler>[1], ms: number) {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (!response.headersSent) {
      const message = `the body of the request did not come within ${Math.round(ms / 1000)} seconds`;
      response.set('Connection', 'close').status(408).json({ message, reason: 'Request Timeout' });
    }
    response.once('finish', () => request.socket.destroy());
    if (response.writableFinished) request.socket.destroy();
  }, ms);
  const done = () => clearTimeout(timer);
  request.once('end', done);
  request.once('close', done);
}
