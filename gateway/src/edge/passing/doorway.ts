/**
 * The port of a gateway that owns nothing: requests and upgrades go on to the owner as they are, and its answers come back. Who comes
 * while one owner follows another waits. Nothing that may have reached an owner is sent twice.
 */
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readFacts } from '../../auth/request-facts.ts';
import { http } from '../../base/node-http.ts';
import type { Logger } from '../../base/ports.ts';
import { limitConnections, SLOW_LIMITS, serverOptions } from '../http/request-limits.ts';
import { HOP, type Hops } from './hop.ts';

export interface DoorwayOptions {
  readonly hops: Hops;
  readonly proxies: readonly string[];
  /** `host:port` of the owner that takes requests; undefined while there is none. */
  readonly owner: () => string | undefined;
  readonly logger: Logger;
}

/** So long is waited for an owner; milliseconds. */
const PATIENCE = 8000;
const LOOK = 50;
const CONNECT = 1000;
/** Of the connection between two gateways: not the client's. */
const BETWEEN: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', HOP]);

/** The owner was not reached: nothing was sent. */
class Unreached extends Error {}

export class Doorway {
  readonly #options: DoorwayOptions;
  readonly #server: Server;
  /** To owners. */
  readonly #ways = new Set<Duplex>();

  constructor(options: DoorwayOptions) {
    this.#options = options;
    this.#server = http.createServer(serverOptions(SLOW_LIMITS));
    limitConnections(this.#server, options.proxies);
    this.#server.on('request', (request, response) => void this.#request(request, response));
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  /** Fails with the system's error where the port is taken. */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((done, fail) => this.#server.once('error', fail).listen(port, host, done));
  }

  /** Frees the port at once and gives up the owner of before. Who waits is passed on to the next one, which may be this gateway. */
  leave(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
    for (const way of this.#ways) way.destroy();
  }

  end(): void {
    this.leave();
    this.#server.closeAllConnections();
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    try {
      const { answer } = await this.#pass(request, response, (passed) => request.pipe(passed));
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, ownHeaders(answer));
      answer.on('error', () => response.destroy()).pipe(response);
      response.once('close', () => answer.destroy());
    } catch (error) {
      const message = this.#trouble(error, request);
      if (response.headersSent || response.destroyed) return void response.destroy();
      const headers = { 'Content-Type': 'application/json', 'Retry-After': '2', Connection: 'close' };
      response.writeHead(503, headers).end(JSON.stringify({ message, reason: 'Service Unavailable' }));
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {});
    try {
      const { answer, far, farHead } = await this.#pass(request, socket, (passed) => passed.end(), [
        'Connection',
        'Upgrade',
      ]);
      socket.write(headOf(answer, far !== undefined));
      if (far === undefined) return void answer.pipe(socket);
      if (farHead !== undefined && farHead.length > 0) socket.write(farHead);
      if (head.length > 0) far.write(head);
      far.on('error', () => {});
      for (const [one, other] of [
        [socket, far],
        [far, socket],
      ] as const)
        one.pipe(other).once('close', () => one.destroy());
      if (socket.destroyed) far.destroy();
    } catch (error) {
      const body = JSON.stringify({ message: this.#trouble(error, request), reason: 'Service Unavailable' });
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nRetry-After: 2\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  }

  #trouble(error: unknown, { method, url }: IncomingMessage): string {
    const path = url?.split('?')[0];
    this.#options.logger.info({ err: error, method, path }, 'a request could not be passed on');
    return error instanceof Unreached
      ? 'no gateway has the worksheets at the moment; try again in a moment'
      : 'the gateway that has the worksheets ended before it had answered; try again';
  }

  /** Tries until an owner is reached. */
  async #pass(
    request: IncomingMessage,
    client: Duplex | ServerResponse,
    send: (passed: ClientRequest) => void,
    extra: readonly string[] = [],
  ): Promise<Passed> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const owner = this.#options.owner();
      try {
        if (owner === undefined) throw new Unreached('there is no owner');
        return await this.#passTo(owner, request, client, send, extra);
      } catch (error) {
        if (!(error instanceof Unreached) || performance.now() >= until || client.destroyed) throw error;
      }
      await new Promise((next) => setTimeout(next, LOOK));
    }
  }

  #passTo(
    owner: string,
    request: IncomingMessage,
    client: Duplex | ServerResponse,
    send: (passed: ClientRequest) => void,
    extra: readonly string[],
  ): Promise<Passed> {
    const { hostname, port } = new URL(`http://${owner}`);
    const { address } = readFacts(request);
    const hop = this.#options.hops.sign(request, address);
    return new Promise((resolve, reject) => {
      const passed = http.request({
        ...{
          host: hostname.replace(/^\[(.*)\]$/, '$1'),
          port,
          method: request.method ?? 'GET',
          path: request.url ?? '/',
        },
        ...{ headers: [...ownHeaders(request), ...extra, HOP, hop], agent: false, setDefaultHeaders: false },
      });
      let reached = false;
      passed.once('socket', (socket) => {
        this.#ways.add(socket);
        socket.setNoDelay(true);
        socket.once('close', () => this.#ways.delete(socket));
        const late = setTimeout(() => passed.destroy(new Error(`no connection within ${CONNECT} ms`)), CONNECT);
        socket.once('close', () => clearTimeout(late));
        socket.once('connect', () => {
          clearTimeout(late);
          reached = true;
          send(passed);
        });
      });
      const left = () => passed.destroy();
      client.once('close', left);
      passed.once('close', () => client.off('close', left));
      passed.once('response', (answer) => resolve({ answer }));
      passed.once('upgrade', (answer, far, farHead) => resolve({ answer, far, farHead }));
      passed.on('error', (error) => reject(reached ? error : new Unreached(error.message)));
    });
  }
}

interface Passed {
  readonly answer: IncomingMessage;
  /** Of an upgrade. */
  readonly far?: Duplex;
  readonly farHead?: Buffer;
}

/** As they came, in their order and with their letters, but for those of the connection itself. */
function ownHeaders({ rawHeaders }: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!BETWEEN.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** What is no upgrade ends with the connection, and its body comes without chunks. */
function headOf(answer: IncomingMessage, upgraded: boolean): string {
  const headers = [...ownHeaders(answer), 'Connection', upgraded ? 'Upgrade' : 'close'];
  const lines = headers.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() !== 'transfer-encoding' ? [`${name}: ${headers[index + 1]}`] : [],
  );
  return [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`, ...lines, '', ''].join('\r\n');
}
