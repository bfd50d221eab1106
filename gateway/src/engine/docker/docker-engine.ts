/**
 * The driver for Docker. It makes, starts, attaches, kills and removes containers and asks about them; it never uses exec,
 * archive (copy), build, commit or update, each of which has let a hostile container reach the host.
 *
 * Every request ends with its scope. One that was cut off is cancelled, except `create`, whose late result is removed.
 */
import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import { CarrelError } from '../../base/errors.ts';
import { Scope } from '../../base/scope.ts';
import { type ContainerPlan, LABELS } from '../container-plan.ts';
import type { AttachedStream, ContainerEvent, ContainerState, ContainerUsage, Engine, EngineFacts } from '../engine.ts';
import type { DockerAddress } from './address.ts';
import {
  type InfoAnswer,
  type InspectAnswer,
  inspectedState,
  type ListedAnswer,
  listedState,
  toFacts,
} from './answers.ts';
import { DemuxedStream } from './attached-stream.ts';
import { DockerConnection, unlessStatus } from './docker-connection.ts';
import { EVENT_NAMES, readEvents } from './event-stream.ts';
import { isStatus } from './failures.ts';
import { refuseVolumes } from './image-volumes.ts';
import { type StatsAnswer, usageOf } from './usage.ts';

/** How long a container that was made too late may take to be removed. */
const LATE_REMOVAL_MS = 60_000;

/** How long the engine may take to open its event stream. */
const EVENTS_OPEN_MS = 30_000;

export class DockerEngine implements Engine {
  readonly #connection: DockerConnection;

  constructor(address: DockerAddress) {
    this.#connection = new DockerConnection(address);
  }

  async facts(scope: Scope): Promise<EngineFacts> {
    const info = await this.#connection.call(scope, 'describe itself', information);
    return toFacts(info, this.#connection.apiVersion);
  }

  async imageId(image: string, scope: Scope): Promise<string | undefined> {
    return (await this.#image(image, scope))?.Id;
  }

  async create(plan: ContainerPlan, scope: Scope): Promise<string> {
    const { name, body } = plan;
    const image = await this.#image(body.Image, scope);
    if (image === undefined) throw imageMissing(body.Image);
    refuseVolumes(body.Image, image.Config?.Volumes);
    const docker = await this.#connection.docker(scope);
    /** dockerode puts all options into the URL as well, unless query and body are given apart. */
    const options = { _query: { name }, _body: body } as unknown as Docker.ContainerCreateOptions;
    const making = docker.createContainer(options).then((container) => container.id);
    try {
      return await scope.race(making, (id) => void this.#removeLate(id));
    } catch (error) {
      if (isStatus(error, 409)) {
        const existing = await this.#sameSandbox(plan, scope);
        if (existing !== undefined) return existing;
      }
      if (isStatus(error, 404)) throw imageMissing(body.Image);
      throw this.#connection.failure(error, 'make the container', 'sandbox_rejected');
    }
  }

  async start(containerId: string, scope: Scope): Promise<void> {
    await this.#connection.call(
      scope,
      'start the container',
      (docker, abortSignal) => docker.getContainer(containerId).start({ abortSignal }).catch(unlessStatus(304)),
      'sandbox_rejected',
    );
  }

  async attach(containerId: string, scope: Scope, onStderr?: (text: string) => void): Promise<AttachedStream> {
    const socket = await this.#connection.call(
      scope,
      'attach to the container',
      (docker, abortSignal) =>
        docker
          .getContainer(containerId)
          .attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true, abortSignal }),
      'sandbox_failed',
      (late) => (late as unknown as Duplex).destroy(),
    );
    if ('setNoDelay' in socket && typeof socket.setNoDelay === 'function') socket.setNoDelay(true);
    return { stream: new DemuxedStream(socket as unknown as Duplex, onStderr) };
  }

  async kill(containerId: string, scope: Scope): Promise<void> {
    await this.#connection.call(scope, 'kill the container', (docker, abortSignal) =>
      /** 409: it does not run. */
      docker
        .getContainer(containerId)
        .kill({ signal: 'SIGKILL', abortSignal })
        .catch(unlessStatus(304, 404, 409)),
    );
  }

  async remove(containerId: string, scope: Scope): Promise<void> {
    await this.#connection.call(scope, 'remove the container', (docker, abortSignal) =>
      /** 409: it is being removed. */
      docker.getContainer(containerId).remove({ force: true, v: true, abortSignal }).catch(unlessStatus(404, 409)),
    );
  }

  async inspect(containerId: string, scope: Scope): Promise<ContainerState | undefined> {
    const answer = await this.#connection.call(scope, 'inspect the container', (docker, abortSignal) =>
      docker.getContainer(containerId).inspect({ abortSignal }).catch(unlessStatus(404)),
    );
    return answer === undefined ? undefined : inspectedState(answer as InspectAnswer);
  }

  async usage(containerId: string, scope: Scope): Promise<ContainerUsage | undefined> {
    const answer = await this.#connection.call(scope, 'count what a container uses', (docker, abortSignal) => {
      const options = { stream: false, 'one-shot': true, abortSignal } as object;
      return (docker.getContainer(containerId).stats(options) as Promise<unknown>).catch(unlessStatus(404, 409));
    });
    return answer === undefined ? undefined : usageOf(answer as StatsAnswer);
  }

  async list(label: { key: string; value: string }, scope: Scope): Promise<ContainerState[]> {
    const filters = { label: [`${label.key}=${label.value}`] };
    const answers = await this.#connection.call(scope, 'list containers', (docker, abortSignal) =>
      docker.listContainers({ all: true, filters, abortSignal }),
    );
    return (answers as ListedAnswer[]).map(listedState);
  }

  async wait(containerId: string, scope: Scope): Promise<number> {
    const state = await this.inspect(containerId, scope);
    if (state === undefined)
      throw new CarrelError('not_found', 'expected a container to wait for, got none of this id');
    if (state.status === 'created')
      throw new CarrelError('conflict', 'expected a container that was started, got one that was not');
    const answer = await this.#connection.call(scope, 'wait for the container', (docker, abortSignal) =>
      docker.getContainer(containerId).wait({ condition: 'not-running', abortSignal }),
    );
    return (answer as { StatusCode: number }).StatusCode;
  }

  events(label: { key: string; value: string }, signal: AbortSignal): AsyncIterable<ContainerEvent> {
    return this.#events(label, signal, Date.now());
  }

  /** Nothing between the call of `events` and the opened stream is missed: the engine repeats from `begun`, by its own clock. */
  async *#events(
    label: { key: string; value: string },
    signal: AbortSignal,
    begun: number,
  ): AsyncGenerator<ContainerEvent> {
    const scope = Scope.withDeadline('opening the event stream', EVENTS_OPEN_MS, signal);
    let stream: Readable;
    try {
      const info = await this.#connection.call(scope, 'tell its time', information);
      const engineNow = Date.parse(info.SystemTime ?? '') || Date.now();
      const since = Math.floor((engineNow - (Date.now() - begun)) / 1000) - 1;
      const filters = { type: ['container' as const], event: EVENT_NAMES, label: [`${label.key}=${label.value}`] };
      stream = (await this.#connection.call(
        scope,
        'send events',
        (docker) => docker.getEvents({ since, filters }),
        'engine_unavailable',
        (late) => (late as Readable).destroy(),
      )) as Readable;
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    yield* readEvents(stream, signal, this.#connection.shown);
  }

  async #image(image: string, scope: Scope): Promise<Docker.ImageInspectInfo | undefined> {
    return this.#connection.call(scope, 'look up the image', (docker, abortSignal) =>
      docker.getImage(image).inspect(until(abortSignal)).catch(unlessStatus(404)),
    );
  }

  /** A name that is taken by the same sandbox means that an earlier `create` succeeded unseen. */
  async #sameSandbox({ name, body }: ContainerPlan, scope: Scope): Promise<string | undefined> {
    const found = await this.inspect(name, scope);
    const same = (key: string) => found?.labels[key] === body.Labels[key];
    return found !== undefined && same(LABELS.instance) && same(LABELS.sandbox) ? found.id : undefined;
  }

  async #removeLate(id: string): Promise<void> {
    await this.remove(id, Scope.withDeadline('removing a container that was made too late', LATE_REMOVAL_MS)).catch(
      () => {},
    );
  }
}

/** dockerode takes a signal in both; its types do not say so. */
const until = (abortSignal: AbortSignal): object => ({ abortSignal });
const information = (docker: Docker, abortSignal: AbortSignal): Promise<InfoAnswer> =>
  (docker.info as (options: object) => Promise<InfoAnswer>).call(docker, until(abortSignal));

const imageMissing = (image: string) =>
  new CarrelError(
    'image_missing',
    `expected the engine to have the image "${image}", got none of this name; ` +
      (image.startsWith('carrel-')
        ? '`npm start` builds it'
        : `build it there (docker build -t ${image} …) or load it (docker load)`),
  );
