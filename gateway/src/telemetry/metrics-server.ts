/**
 * Serves the metrics on a port of their own: to this machine alone, or to whoever has the token. The warden has no port; its metrics
 * come through its socket and are served beside the gateway's.
 *
 *   GET /metrics           the gateway's
 *   GET /metrics/warden    the warden's
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { CarrelError, toCarrelError } from '../base/errors.ts';
import { http } from '../base/node-http.ts';
import type { Logger } from '../base/ports.ts';

export interface MetricsServerOptions {
  readonly bind: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Undefined where whoever reaches the port may read. */
  readonly token: string | undefined;
  /** By path. */
  readonly texts: Readonly<Record<string, () => Promise<string>>>;
  readonly logger: Logger;
}

/** Addresses that only this machine reaches. */
export const isLoopback = (bind: string): boolean => /^(127(\.\d+){3}|::1|localhost)$/.test(bind);

/** Throws `invalid_settings` where the port cannot be had, and for an address that others reach without a token. */
export async function serveMetrics(options: MetricsServerOptions): Promise<{ port: number; stop(): Promise<void> }> {
  const { bind, port, token } = options;
  if (token === undefined && !isLoopback(bind))
    throw new CarrelError('invalid_settings', `the metrics would be public at ${bind}: they need a token there`);
  const server = http.createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, (request, response) => {
    answer(options, request, response).catch((thrown) => fail(response, thrown, options.logger));
  });
  await listen(server, bind, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: MetricsServerOptions, request: IncomingMessage, response: ServerResponse) {
  if (!mayRead(options.token, request.headers.authorization)) {
    response.setHeader('WWW-Authenticate', 'Bearer');
    return end(response, 401, 'the metrics are for who has the token (CARREL_METRICS_TOKEN)\n');
  }
  const text = options.texts[request.url ?? ''];
  if (text === undefined || request.method !== 'GET')
    return end(response, 404, `there is only GET ${Object.keys(options.texts).join(' and ')}\n`);
  end(response, 200, await text());
}

function end(response: ServerResponse, status: number, text: string): void {
  const headers = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Cache-Control': 'no-store' };
  response.writeHead(status, headers).end(text);
}

function fail(response: ServerResponse, thrown: unknown, logger: Logger): void {
  const error = toCarrelError(thrown);
  if (error.code === 'internal') logger.error({ err: thrown }, 'the metrics could not be told');
  if (response.headersSent) response.destroy();
  else end(response, error.http, `${error.message}\n`);
}

const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();

const mayRead = (token: string | undefined, header: string | undefined): boolean =>
  token === undefined || timingSafeEqual(hashed(header ?? ''), hashed(`Bearer ${token}`));

async function listen(server: Server, bind: string, port: number): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once('error', (error) => {
      const message = `the metrics cannot be served at ${bind}:${port} (CARREL_METRICS_PORT): ${error.message}`;
      failed(new CarrelError('invalid_settings', message, { cause: error }));
    });
    server.listen(port, bind, done);
  });
}
