/** Containers made exactly as the warden makes them, without a warden: for what the engine and the kernel take by themselves. */
import type { Duplex } from 'node:stream';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { loadPolicies } from '../../gateway/src/config/load-policies.ts';
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
  /** stdin and stdout, through the engine. */
  readonly stream: Duplex;
}

/** Runs the image's own entrypoint, or `command` in its place. */
export async function loneContainer(policies: string, command?: readonly string[]): Promise<LoneContainer> {
  const engine = new DockerEngine(findDockerAddress(process.env).address);
  const loaded = loadPolicies(policies);
  const policy = [...loaded.policies.values()].find(({ name }) => (name as string) === 'standard');
  if (policy === undefined) throw new Error(`expected a policy standard in ${policies}`);
  const sandbox = newSandboxId();
  const workshop = new Workshop({
    ...{ engine, facts: await engine.facts(scope()), policies: loaded, logger: silentLogger },
    ...{ instance: `bench-${sandbox}`, orphanSeconds: ORPHAN_SECONDS },
  });
  const uid = FIRST_UID + Math.floor(Math.random() * UIDS);
  const { name, life, memory } = policy;
  const facts = { id: sandbox, policy: name, uid, memory, life, print: '', createdAt: Date.now() };
  const plan = await workshop.plan(policy, facts, scope());
  const body = command === undefined ? plan.body : { ...plan.body, Entrypoint: command, Cmd: [] };
  const id = await engine.create({ ...plan, body }, scope());
  try {
    let stderr = '';
    const { stream } = await engine.attach(id, scope(), (text) => {
      stderr += text;
    });
    await engine.start(id, scope());
    stream.once('close', () => {
      if (stderr !== '') process.stderr.write(stderr);
    });
    stream.on('error', () => {});
    const dispose = async () => {
      stream.destroy();
      await engine.remove(id, scope());
    };
    return { stream, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await engine.remove(id, scope());
    throw error;
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
