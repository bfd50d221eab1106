/**
 * An engine without containers, for measuring the warden: every container is a simulated agent in the process of `agents.ts`,
 * reached over a Unix socket, as containers are behind an engine's. Costs of its own do not grow with their number.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CarrelError } from '../../gateway/src/base/errors.ts';
import type { Scope } from '../../gateway/src/base/scope.ts';
import type { ContainerPlan } from '../../gateway/src/engine/container-plan.ts';
import { DemuxedStream } from '../../gateway/src/engine/docker/attached-stream.ts';
import type {
  AttachedStream,
  ContainerEvent,
  ContainerState,
  ContainerUsage,
  Engine,
  EngineFacts,
} from '../../gateway/src/engine/engine.ts';

const FACTS: EngineFacts = {
  ...{ name: 'stand-in', version: '1.0.0', apiVersion: '1.41', cgroupVersion: 2, cgroupDriver: 'cgroupfs' },
  ...{ rootless: false, runtimes: ['runc'], defaultRuntime: 'runc', securityOptions: [], cpus: 2 },
  ...{ memoryBytes: 64 * 2 ** 40, kernelVersion: '6.18.0' },
};
/** The isolation probe's exit status: Landlock's ABI. */
const ABI = 7;

interface Made {
  readonly state: ContainerState;
  readonly probe: boolean;
}

export class StandInEngine implements Engine {
  readonly #path: string;
  readonly #startMs: number;
  readonly #made = new Map<string, Made>();
  #next = 1;

  /** `path` of the agents' socket; each start takes `startMs` milliseconds. */
  constructor(path: string, startMs: number) {
    this.#path = path;
    this.#startMs = startMs;
  }

  async facts(): Promise<EngineFacts> {
    return FACTS;
  }

  async imageId(image: string): Promise<string> {
    return `sha256:${image}`;
  }

  async create({ name, body }: ContainerPlan): Promise<string> {
    const id = String(this.#next++).padStart(64, '0');
    this.#made.set(id, { state: { id, labels: body.Labels, status: 'created' }, probe: name.includes('probe') });
    return id;
  }

  async start(id: string): Promise<void> {
    const { probe } = this.#existing(id);
    if (!probe && this.#startMs > 0) await pause(this.#startMs);
    this.#become(id, 'running');
    if (!probe) await this.#ask(`start ${id}`);
  }

  async attach(id: string): Promise<AttachedStream> {
    const socket = await this.#connect(`attach ${id}`);
    return { stream: new DemuxedStream(socket) };
  }

  async kill(id: string): Promise<void> {
    if (!this.#made.has(id)) return;
    this.#become(id, 'exited');
    await this.#ask(`end ${id}`);
  }

  async remove(id: string): Promise<void> {
    if (this.#made.delete(id)) await this.#ask(`end ${id}`);
  }

  async inspect(id: string): Promise<ContainerState | undefined> {
    return this.#made.get(id)?.state;
  }

  async usage(id: string): Promise<ContainerUsage | undefined> {
    return this.#made.has(id) ? { memory: 32 * 2 ** 20, cpuSeconds: 1 } : undefined;
  }

  async list({ key, value }: { key: string; value: string }): Promise<ContainerState[]> {
    return [...this.#made.values()].map(({ state }) => state).filter(({ labels }) => labels[key] === value);
  }

  async wait(id: string, scope: Scope): Promise<number> {
    if (this.#existing(id).probe) return ABI;
    await scope.race(once(scope.signal, 'abort'));
    throw scope.error();
  }

  /** None ever happens; the subscription lasts until `signal` aborts. */
  events(_: { key: string; value: string }, signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const next = async (): Promise<IteratorResult<ContainerEvent>> => {
      if (!signal.aborted) await once(signal, 'abort');
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  #existing(id: string): Made {
    const made = this.#made.get(id);
    if (made === undefined) throw new CarrelError('not_found', `there is no container ${id}`);
    return made;
  }

  #become(id: string, status: 'running' | 'exited'): void {
    const made = this.#existing(id);
    this.#made.set(id, { ...made, state: { ...made.state, status, ...(status === 'exited' && { exitCode: 137 }) } });
  }

  async #ask(line: string): Promise<void> {
    const socket = await this.#connect(line);
    socket.destroy();
  }

  async #connect(line: string): Promise<Socket> {
    const socket = connect(this.#path);
    await once(socket, 'connect');
    socket.write(`${line}\n`);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    const rest = chunk.subarray(chunk.indexOf('\n') + 1);
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  }
}
