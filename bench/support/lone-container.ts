/** Containers made exactly as the warden makes them, without a warden: for what the engine and the kernel take by themselves. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { loadPolicies } from '../../gateway/src/config/load-policies.ts';
import type { Policy } from '../../gateway/src/config/policy.ts';
import type { ContainerPlan } from '../../gateway/src/engine/container-plan.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';
import { Workshop } from '../../gateway/src/warden/workshop.ts';

const ORPHAN_SECONDS = 900;
const CALL_MS = 60_000;
/** Beside the range of the shipped site.yaml, as the tests' own containers are. */
const FIRST_UID = 270_000;
const UIDS = 10_000;

const scope = () => Scope.withDeadline('a container of the benchmark', CALL_MS);

export interface LoneContainer extends AsyncDisposable {
  /** The engine's. */
  readonly id: string;
  /** stdin and stdout, through the engine. */
  readonly stream: Duplex;
}

export class LoneContainers {
  readonly #engine: DockerEngine;
  readonly #workshop: Workshop;
  readonly #policy: Policy;

  private constructor(engine: DockerEngine, workshop: Workshop, policy: Policy) {
    this.#engine = engine;
    this.#workshop = workshop;
    this.#policy = policy;
  }

  /** Of the policy `standard` in a folder of policies. */
  static async of(folder: string): Promise<LoneContainers> {
    const engine = new DockerEngine(findDockerAddress(process.env).address);
    const policies = loadPolicies(folder);
    const policy = [...policies.policies.values()].find(({ name }) => (name as string) === 'standard');
    if (policy === undefined) throw new Error(`expected a policy standard in ${folder}`);
    const facts = await engine.facts(scope());
    const about = { instance: `bench-${newSandboxId()}`, orphanSeconds: ORPHAN_SECONDS };
    const workshop = new Workshop({ engine, facts, policies, logger: silentLogger, ...about });
    const made = new LoneContainers(engine, workshop, policy);
    /** The workshop tries the host's isolation out once. */
    await made.#plan();
    return made;
  }

  /** Runs the image's own entrypoint, or `command` in its place. */
  async start(command?: readonly string[]): Promise<LoneContainer> {
    const plan = await this.#plan();
    const body = command === undefined ? plan.body : { ...plan.body, Entrypoint: command, Cmd: [] };
    const id = await this.#engine.create({ ...plan, body }, scope());
    try {
      const { stream } = await this.#engine.attach(id, scope(), (text) => process.stderr.write(text));
      await this.#engine.start(id, scope());
      stream.on('error', () => {});
      const dispose = async () => {
        stream.destroy();
        await this.#engine.remove(id, scope());
      };
      return { id, stream, [Symbol.asyncDispose]: dispose };
    } catch (error) {
      await this.#engine.remove(id, scope());
      throw error;
    }
  }

  /** Milliseconds from asking for a container to the first byte of one that says a word and waits. */
  async firstByte(): Promise<number> {
    const begun = performance.now();
    await using container = await this.start(['/bin/sh', '-c', 'echo ready; exec cat']);
    await once(container.stream, 'data');
    return performance.now() - begun;
  }

  #plan(): Promise<ContainerPlan> {
    const { name, life, memory } = this.#policy;
    const uid = FIRST_UID + Math.floor(Math.random() * UIDS);
    const facts = { id: newSandboxId(), policy: name, uid, memory, life, print: '', createdAt: Date.now() };
    return this.#workshop.plan(this.#policy, facts, scope());
  }
}

/** Round trips of so many bytes through a container that gives back what it gets (`cat`), milliseconds each. */
export class Echo {
  readonly #stream: Duplex;
  readonly #bytes: Buffer;
  #missing = 0;
  #done: () => void = () => {};

  constructor(stream: Duplex, size: number) {
    this.#stream = stream;
    this.#bytes = Buffer.alloc(size, 'x');
    stream.on('data', (chunk: Buffer) => {
      this.#missing -= chunk.length;
      if (this.#missing === 0) this.#done();
    });
  }

  async run(): Promise<number> {
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    this.#missing = this.#bytes.length;
    const begun = performance.now();
    this.#stream.write(this.#bytes);
    await done;
    return performance.now() - begun;
  }
}

/** A program that answers lines with lines. */
export class Lines {
  readonly #stream: Duplex;
  #rest = '';
  #lines: string[] = [];
  #wake: () => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      this.#wake();
    });
    stream.once('close', () => this.#wake());
  }

  async next(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#stream.destroyed) throw new Error('the container ended');
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  async ask(line: string): Promise<string> {
    this.#stream.write(`${line}\n`);
    return await this.next();
  }
}
