/** One engine's address, the agreed version of its API, and the way each request is bounded and its failure told. */
import type { Agent } from 'node:http';
import Docker from 'dockerode';
import type { CarrelError, ErrorCode } from '../../base/errors.ts';
import { http, https } from '../../base/node-http.ts';
import type { Scope } from '../../base/scope.ts';
import { type DockerAddress, showAddress } from './address.ts';
import { chooseApiVersion } from './api-version.ts';
import { answerOf, isStatus, toEngineError } from './failures.ts';

export class DockerConnection {
  /** The address as messages name it. */
  readonly shown: string;
  readonly #address: DockerAddress;
  readonly #agent: Agent | undefined;
  /** Set once a version of the API was agreed on; anew after the engine was away, since it may have been upgraded. */
  #client: { readonly docker: Docker; readonly apiVersion: string } | undefined;

  constructor(address: DockerAddress) {
    this.#address = address;
    this.shown = showAddress(address);
    this.#agent = address.kind === 'tcp' ? new (address.tls ? https : http).Agent({ keepAlive: true }) : undefined;
  }

  /** The version of the API that is spoken, for instance `1.41`. */
  get apiVersion(): string {
    return this.#client?.apiVersion ?? 'unknown';
  }

  /** Runs one request under the scope; whatever ends it first, nothing stays open. */
  async call<T>(
    scope: Scope,
    what: string,
    request: (docker: Docker, signal: AbortSignal) => Promise<T>,
    refusal?: ErrorCode,
    onLate?: (value: T) => void,
  ): Promise<T> {
    const docker = await this.docker(scope);
    const controller = new AbortController();
    try {
      return await scope.race(request(docker, controller.signal), onLate);
    } catch (error) {
      controller.abort();
      throw this.failure(error, what, refusal);
    }
  }

  failure(error: unknown, what: string, refusal?: ErrorCode): CarrelError {
    const status = answerOf(error)?.status;
    const code = status === 404 ? 'not_found' : (refusal ?? (status === 409 ? 'conflict' : 'internal'));
    const failure = toEngineError(error, what, this.shown, code);
    if (failure.code === 'engine_unavailable') this.#client = undefined;
    return failure;
  }

  async docker(scope: Scope): Promise<Docker> {
    if (this.#client !== undefined) return this.#client.docker;
    const controller = new AbortController();
    try {
      const { ApiVersion, MinAPIVersion } = await scope.race(version(this.#connect(), controller.signal));
      const apiVersion = chooseApiVersion({ newest: ApiVersion, oldest: MinAPIVersion });
      this.#client = { docker: this.#connect(`v${apiVersion}`), apiVersion };
      return this.#client.docker;
    } catch (error) {
      controller.abort();
      throw toEngineError(error, 'tell its version', this.shown, 'engine_unavailable');
    }
  }

  /** Every field is given, since docker-modem fills what is missing from the environment. */
  #connect(version?: string): Docker {
    const address = this.#address;
    const tcp = address.kind === 'tcp' ? address : undefined;
    const options = {
      socketPath: address.kind === 'socket' ? address.path : undefined,
      host: tcp?.host,
      port: tcp?.port,
      protocol: tcp?.tls === undefined ? 'http' : 'https',
      ca: tcp?.tls?.ca,
      cert: tcp?.tls?.cert,
      key: tcp?.tls?.key,
      agent: this.#agent,
      pathPrefix: '/',
      version,
    };
    return new Docker(options as unknown as Docker.DockerOptions);
  }
}

/** For `catch`: the statuses that mean "already" answer undefined. */
export const unlessStatus =
  (...statuses: number[]) =>
  (error: unknown): undefined => {
    if (!isStatus(error, ...statuses)) throw error;
  };

/** dockerode takes a signal here; its types do not say so. */
const version = (docker: Docker, abortSignal: AbortSignal): Promise<{ ApiVersion: string; MinAPIVersion?: string }> =>
  (docker.version as unknown as (options: object) => Promise<{ ApiVersion: string; MinAPIVersion?: string }>).call(
    docker,
    {
      abortSignal,
    },
  );
