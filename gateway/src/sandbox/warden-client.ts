/** The gateway's side of wire/warden-api.ts: HTTP over the warden's Unix socket. A restarting warden is waited for briefly. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { CarrelError, isErrorCode } from '../base/errors.ts';
import type { PolicyName, SandboxId, WorksheetId } from '../base/ids.ts';
import { http } from '../base/node-http.ts';
import type { Logger } from '../base/ports.ts';
import { REQUEST_ID, requestId } from '../base/request-context.ts';
import type { Scope } from '../base/scope.ts';
import type { SandboxWait } from '../wire/execution-facts.ts';
import {
  errorBody,
  openProgress,
  type SandboxModel,
  type SandboxUsage,
  sandboxModel,
  sandboxUsage,
  TERM,
  type WardenEvent,
  type WardenStatus,
  wardenEvent,
  wardenStatus,
} from '../wire/warden-api.ts';

/** A warden that was killed is back within this time, in milliseconds. */
const PATIENCE = 5000;
const RETRY = 50;
const LARGEST_ANSWER = 16 * 1024 * 1024;

export type Queued = (wait: SandboxWait) => void;

/** What the kernel layer needs of the warden. */
export interface Warden {
  /** `queued` is told each new place in the queue. */
  open(policy: PolicyName, worksheet: WorksheetId, scope: Scope, queued?: Queued): Promise<SandboxModel>;
  list(scope: Scope): Promise<SandboxModel[]>;
  /** Success also where it has gone already. */
  close(sandbox: SandboxId, scope: Scope): Promise<void>;
  /** The raw stream; `not_found` or `gone` where the sandbox has ended. Fails at once where the warden does not answer. */
  stream(sandbox: SandboxId): Promise<Duplex>;
  /** Events until `signal` aborts, connecting again by itself; each time a `snapshot` comes first. */
  events(signal: AbortSignal, listener: (event: WardenEvent) => void): void;
  status(scope: Scope): Promise<WardenStatus>;
}

/** What administrators ask beside. */
export interface WardenFacts extends Pick<Warden, 'list' | 'close' | 'status'> {
  usage(scope: Scope): Promise<SandboxUsage[]>;
}

export class WardenClient implements Warden, WardenFacts {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  readonly #term: () => number | undefined;

  /** `path` is the Unix socket's; `term` the fencing number of one of several gateways. */
  constructor(path: string, clock: Clock, logger: Logger, term: () => number | undefined = () => undefined) {
    this.#term = term;
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
  }

  async open(
    policy: PolicyName,
    worksheet: WorksheetId,
    scope: Scope,
    queued: Queued = () => {},
  ): Promise<SandboxModel> {
    return await this.#patiently(scope, async () => {
      const answer = await this.#ask('POST', '/sandboxes', scope.signal, { policy, worksheet });
      for await (const line of linesOf(answer)) {
        const progress = openProgress.parse(JSON.parse(line));
        if (progress.type === 'queued')
          queued({ place: progress.place, of: progress.of, expectedMs: progress.expectedMs });
        else if (progress.type === 'opened') return progress.sandbox;
        else throw fromWarden(progress.error);
      }
      throw new Unanswered('the warden ended its answer before the sandbox was open');
    });
  }

  async list(scope: Scope): Promise<SandboxModel[]> {
    return z.array(sandboxModel).parse(await this.#json('/sandboxes', scope));
  }

  async status(scope: Scope): Promise<WardenStatus> {
    return wardenStatus.parse(await this.#json('/status', scope));
  }

  async usage(scope: Scope): Promise<SandboxUsage[]> {
    return z.array(sandboxUsage).parse(await this.#json('/usage', scope));
  }

  /** In Prometheus' format; throws `not_found` where they are off. */
  async metrics(scope: Scope): Promise<string> {
    return await this.#patiently(scope, async () => textOf(await this.#ask('GET', '/metrics', scope.signal)));
  }

  async close(sandbox: SandboxId, scope: Scope): Promise<void> {
    await this.#patiently(scope, async () => {
      const answer = await this.#ask('DELETE', `/sandboxes/${sandbox}`, scope.signal, undefined, [404, 410]);
      await textOf(answer);
    });
  }

  stream(sandbox: SandboxId): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'carrel-stdio' };
      const asked = this.#request('GET', `/sandboxes/${sandbox}/stream`, headers, false);
      asked.once('upgrade', (_, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      asked.once('response', (answer) => void failure(answer).then(reject, reject));
      asked.once('error', (error) => reject(this.#unavailable(error)));
      asked.end();
    });
  }

  events(signal: AbortSignal, listener: (event: WardenEvent) => void): void {
    const listen = async () => {
      const answer = await this.#ask('GET', '/events', signal, undefined, [], false);
      for await (const line of linesOf(answer)) listener(wardenEvent.parse(JSON.parse(line)));
    };
    const forever = () => {
      if (signal.aborted) return;
      listen()
        .catch((error) => this.#logger.debug({ err: error }, 'events of the warden ended'))
        .finally(() => this.#clock.after(RETRY * 4, forever));
    };
    forever();
  }

  async #json(path: string, scope: Scope): Promise<unknown> {
    return await this.#patiently(scope, async () =>
      JSON.parse(await textOf(await this.#ask('GET', path, scope.signal))),
    );
  }

  /** Tries again while the warden does not answer, for some seconds. */
  async #patiently<T>(scope: Scope, attempt: () => Promise<T>): Promise<T> {
    let until = this.#clock.now() + PATIENCE;
    for (;;) {
      const begun = this.#clock.now();
      try {
        return await attempt();
      } catch (error) {
        if (scope.signal.aborted) throw scope.error();
        if (!(error instanceof Unanswered)) throw error;
        /** It was there until now: it waited with whom it has put into the queue. */
        if (this.#clock.now() - begun >= PATIENCE) until = this.#clock.now() + PATIENCE;
        if (this.#clock.now() >= until) throw this.#unavailable(error);
      }
      await scope.race(new Promise<void>((next) => this.#clock.after(RETRY, next)));
    }
  }

  /** The answer with status 200, 204 or one of `also`. */
  async #ask(
    method: string,
    path: string,
    signal: AbortSignal,
    body?: object,
    also: readonly number[] = [],
    reuse = method !== 'POST',
  ): Promise<IncomingMessage> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = this.#request(method, path, { 'Content-Type': 'application/json' }, reuse, signal);
      asked.once('response', resolve);
      asked.once('error', (error) => reject(new Unanswered(error.message)));
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
    const status = answer.statusCode ?? 0;
    if (status === 200 || status === 204 || also.includes(status)) return answer;
    throw await failure(answer);
  }

  #request(
    method: string,
    path: string,
    headers: Record<string, string>,
    reuse: boolean,
    signal?: AbortSignal,
  ): ClientRequest {
    const id = requestId();
    const term = this.#term();
    const fenced = term === undefined ? headers : { ...headers, [TERM]: String(term) };
    const sent = id === undefined ? fenced : { ...fenced, [REQUEST_ID]: id };
    const options = { socketPath: this.#path, method, path, headers: sent, agent: reuse ? this.#agent : false };
    return http.request(signal === undefined ? options : { ...options, signal });
  }

  #unavailable(error: Error): CarrelError {
    const message = `expected the warden to answer at ${this.#path}: ${error.message}; is it running?`;
    return new CarrelError('warden_unavailable', message, { cause: error });
  }
}

/** No answer, or one that broke off: the warden may be restarting. */
class Unanswered extends Error {}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.on('error', () => {});
  try {
    for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== '') yield line;
    if (!answer.complete) throw new Error('the connection was closed');
  } catch (error) {
    throw new Unanswered(String(error));
  } finally {
    answer.destroy();
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > LARGEST_ANSWER)
        throw new CarrelError('internal', `the warden answered more than ${LARGEST_ANSWER} bytes`);
    }
  } catch (error) {
    throw error instanceof CarrelError ? error : new Unanswered(String(error));
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function failure(answer: IncomingMessage): Promise<CarrelError> {
  const text = await textOf(answer);
  try {
    return fromWarden(errorBody.parse(JSON.parse(text)).error);
  } catch {
    return new CarrelError('internal', `the warden answered ${answer.statusCode} without saying why`);
  }
}

const fromWarden = (error: { code: string; message: string }): CarrelError =>
  new CarrelError(isErrorCode(error.code) ? error.code : 'internal', error.message);
