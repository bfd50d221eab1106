/**
 * The warden's HTTP face: the requests of wire/warden-api and nothing else. Whatever does not fit the schema is refused with
 * an `ErrorBody`; what went wrong inside is told without a stack trace.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { CarrelError, toCarrelError } from '../../base/errors.ts';
import { isSandboxId, type SandboxId } from '../../base/ids.ts';
import { http } from '../../base/node-http.ts';
import type { Logger } from '../../base/ports.ts';
import { REQUEST_ID, requestIdOf, withRequest } from '../../base/request-context.ts';
import {
  type ErrorBody,
  type OpenProgress,
  openRequest,
  type SandboxModel,
  type SandboxUsage,
  TERM,
  type WardenEvent,
  type WardenStatus,
} from '../../wire/warden-api.ts';
import type { Queued } from '../opens.ts';
import { Ndjson } from './ndjson.ts';

/** What the face needs of the warden. */
export interface WardenService {
  open(
    request: z.output<typeof openRequest>,
    onQueued: (progress: Queued) => void,
    signal: AbortSignal,
  ): Promise<SandboxModel>;
  list(): SandboxModel[];
  close(id: SandboxId): void;
  checkStream(id: SandboxId): void;
  connect(id: SandboxId, stream: Duplex): boolean;
  subscribe(listener: (event: WardenEvent) => void): () => void;
  status(): WardenStatus;
  usage(): Promise<readonly SandboxUsage[]>;
}

/** The metrics in Prometheus' format; undefined where they are off. */
export type MetricsText = (() => Promise<string>) | undefined;

const LARGEST_BODY = 4096;
const UPGRADE = 'carrel-stdio';
const SANDBOX_PATH = /^\/sandboxes\/([^/]+)$/;
const STREAM_PATH = /^\/sandboxes\/([^/]+)\/stream$/;

/** Of several gateways, the one with the highest number owns the sandboxes. One that was taken over from changes nothing any more. */
class Fence {
  #highest = 0;

  /** Throws `conflict` for a number below one that was seen, but for what only reads. A gateway alone has none. */
  pass({ headers, method }: IncomingMessage): void {
    const given = headers[TERM];
    if (given === undefined) return;
    const term = Number(given);
    const reads = method === 'GET' && headers.upgrade === undefined;
    if (!reads && !(term >= this.#highest))
      throw new CarrelError(
        'conflict',
        `the gateway of term ${this.#highest} owns the sandboxes; this request is of term ${String(given).slice(0, 20)}`,
      );
    if (term > this.#highest) this.#highest = term;
  }
}

export const wardenServer = (): Server =>
  http.createServer({ maxHeaderSize: 8192, requestTimeout: 30_000, keepAliveTimeout: 60_000 });

/** Answers from now on. To be called in the same turn in which the server has begun to listen. */
export function serveWarden(server: Server, warden: WardenService, logger: Logger, metrics?: MetricsText): void {
  const fence = new Fence();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => {});
    inRequest(request, response, async () => {
      fence.pass(request);
      await route(warden, request, response, metrics);
    }).catch((thrown: unknown) => answerError(response, thrown, logger));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    try {
      fence.pass(request);
      connectStream(warden, request, socket, head);
    } catch (thrown) {
      const error = told(thrown, logger);
      const body = JSON.stringify(errorBody(error));
      socket.end(
        `HTTP/1.1 ${error.http} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        () => socket.destroy(),
      );
    }
  });
  server.on('clientError', (_, socket) => socket.destroy());
}

/** What is logged meanwhile carries the id of the gateway's request. */
function inRequest<T>({ headers }: IncomingMessage, response: ServerResponse, work: () => T): T {
  const id = requestIdOf(headers[REQUEST_ID]);
  response.setHeader(REQUEST_ID, id);
  return withRequest(id, work);
}

async function route(
  warden: WardenService,
  request: IncomingMessage,
  response: ServerResponse,
  metrics: MetricsText,
): Promise<void> {
  const path = request.url ?? '';
  const method = request.method ?? '';
  switch (`${method} ${path}`) {
    case 'POST /sandboxes':
      return open(warden, request, response);
    case 'GET /sandboxes':
      return answer(response, 200, warden.list());
    case 'GET /status':
      return answer(response, 200, warden.status());
    case 'GET /usage':
      return answer(response, 200, await warden.usage());
    case 'GET /metrics':
      if (metrics === undefined) throw new CarrelError('not_found', 'the metrics are off (CARREL_METRICS)');
      return void response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end(await metrics());
    case 'GET /events':
      return subscribe(warden, response);
    default: {
      const id = SANDBOX_PATH.exec(path)?.[1];
      if (method !== 'DELETE' || id === undefined) {
        throw new CarrelError('not_found', `the warden does not know the request ${method} ${path}`);
      }
      warden.close(sandboxId(id));
      return answer(response, 204);
    }
  }
}

/** Progress is told in lines; an error that comes after the first line is the last line. */
async function open(warden: WardenService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = openRequest.safeParse(await readBody(request));
  if (!asked.success) throw new CarrelError('bad_request', z.prettifyError(asked.error));
  const left = new AbortController();
  response.once('close', () => left.abort());
  const lines = new Ndjson(response);
  const tell = (progress: OpenProgress) => lines.write(progress);
  try {
    tell({ type: 'opened', sandbox: await warden.open(asked.data, tell, left.signal) });
  } catch (thrown) {
    if (!response.headersSent) throw thrown;
    tell({ type: 'error', error: errorBody(toCarrelError(thrown)).error });
  }
  lines.end();
}

function subscribe(warden: WardenService, response: ServerResponse): void {
  const lines = new Ndjson(response);
  const unsubscribe = warden.subscribe((event) => lines.write(event));
  response.once('close', unsubscribe);
}

function connectStream(warden: WardenService, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const id = STREAM_PATH.exec(request.url ?? '')?.[1];
  if (id === undefined || request.method !== 'GET') {
    throw new CarrelError('not_found', `the warden does not know the stream ${request.method} ${request.url}`);
  }
  if (request.headers.upgrade?.toLowerCase() !== UPGRADE) {
    throw new CarrelError('bad_request', `expected "Upgrade: ${UPGRADE}", got ${request.headers.upgrade}`);
  }
  const sandbox = sandboxId(id);
  warden.checkStream(sandbox);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${UPGRADE}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  if (!warden.connect(sandbox, socket)) socket.destroy();
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) {
      throw new CarrelError('too_large', `expected a body of at most ${LARGEST_BODY} bytes, got more`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new CarrelError('bad_request', 'expected a JSON object, got a body that is no JSON');
  }
}

function sandboxId(text: string): SandboxId {
  if (isSandboxId(text)) return text;
  throw new CarrelError('bad_request', 'expected a sandbox id of 16 hexadecimal digits');
}

function answer(response: ServerResponse, status: number, body?: object): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
    .end(text);
}

function answerError(response: ServerResponse, thrown: unknown, logger: Logger): void {
  const error = told(thrown, logger);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  /** What is left of a body that was refused is not read. */
  response.setHeader('Connection', 'close');
  answer(response, error.http, errorBody(error));
}

function told(thrown: unknown, logger: Logger): CarrelError {
  const error = toCarrelError(thrown);
  if (error.code === 'internal') logger.error({ err: thrown }, 'a request failed');
  return error;
}

const errorBody = (error: CarrelError): ErrorBody => ({ error: { code: error.code, message: error.message } });
