/**
 * Gateway and warden as processes of their own, simulated sandboxes and clients in two more. The policies are the shipped ones
 * with room for the numbers that are measured; nothing else is changed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openPeople } from '../../gateway/src/app/people.ts';
import { readSettings } from '../../gateway/src/config/settings.ts';
import { policyFolder } from '../../test/fault/support/policies.ts';
import { freePort } from '../../test/support/carrel.ts';
import { pss } from '../support/processes.ts';
import { pause } from '../support/stage.ts';
import type { Answer, Command } from './client.ts';
import type { Usage } from './probe.ts';

const root = resolve(import.meta.dirname, '../..');
const here = import.meta.dirname;
/** One person may have 1000 sockets. */
const SOCKETS_EACH = 900;
const DAY = 86_400_000;
const READY_WITHIN = 30_000;
const READINGS = 3;
const CALM_MS = 1500;

export interface StageOptions {
  /** Kernels that will be open at the same time. */
  readonly kernels: number;
  /** Sandboxes kept ready. */
  readonly pool: number;
  /** What the start of a simulated container takes, milliseconds. */
  readonly startMs: number;
  /** The program of the clients; without it the one that opens kernels. */
  readonly client?: string;
  /** Whose they are, without it as many as the kernels' sockets need. */
  readonly people?: number;
  /** Further arguments for the gateway's and the warden's Node, for profiles. */
  readonly nodeArguments?: readonly string[];
}

export class Stage implements AsyncDisposable {
  readonly gateway: ChildProcess;
  readonly warden: ChildProcess;
  readonly #client: ChildProcess;
  /** A client of the kernel with nothing between, and its kernel. */
  readonly #direct: readonly [client: ChildProcess, kernel: ChildProcess];
  readonly #agents: ChildProcess;
  readonly #folder: string;
  readonly #policies: AsyncDisposable;

  private constructor(parts: {
    gateway: ChildProcess;
    warden: ChildProcess;
    client: ChildProcess;
    direct: readonly [ChildProcess, ChildProcess];
    agents: ChildProcess;
    folder: string;
    policies: AsyncDisposable;
  }) {
    this.gateway = parts.gateway;
    this.warden = parts.warden;
    this.#client = parts.client;
    this.#direct = parts.direct;
    this.#agents = parts.agents;
    this.#folder = parts.folder;
    this.#policies = parts.policies;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'carrel-growth-'));
    const policies = await roomyPolicies({}, options);
    const port = await freePort();
    const places = { CARREL_DATA: join(folder, 'data'), CARREL_POLICIES: policies.path };
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('CARREL_'));
    const env = {
      ...{ ...Object.fromEntries(own), ...places, CARREL_PORT: String(port), CARREL_LOG: 'warn' },
      /** All clients have one address: the bounds for one do not hold for that of a proxy. */
      CARREL_PROXIES: '127.0.0.1',
      CARREL_REQUESTS_PER_PERSON: '1000000',
      CARREL_REQUESTS_PER_ADDRESS: '10000000',
    };
    const tokens = await issueTokens(env, options.people ?? Math.ceil(options.kernels / SOCKETS_EACH) + 1);
    const agentsPath = join(folder, 'agents.sock');
    const start = (file: string, args: string[], execArgv: readonly string[] = []) =>
      fork(file, args, { env, execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const agents = start(join(here, 'agents.ts'), [agentsPath]);
    await once(agents, 'message');
    const measured = ['--import', join(here, 'probe.ts'), ...(options.nodeArguments ?? [])];
    const warden = start(join(here, 'warden.ts'), [agentsPath, String(options.startMs)], measured);
    const gateway = start(join(root, 'gateway/src/cli/main.ts'), ['gateway'], measured);
    await once(gateway, 'message', { signal: AbortSignal.timeout(READY_WITHIN) });
    const client = start(options.client ?? join(here, 'client.ts'), [`http://127.0.0.1:${port}`, ...tokens]);
    const kernel = start(join(here, 'direct.ts'), []);
    const [address] = (await once(kernel, 'message')) as [{ port: number }];
    const direct = [start(join(here, 'client.ts'), [`http://127.0.0.1:${address.port}`, 'none']), kernel] as const;
    return new Stage({ gateway, warden, client, direct, agents, folder, policies });
  }

  /** Throws where any of what was asked failed. */
  async ask(command: Command, of: 'gateway' | 'direct' = 'gateway'): Promise<readonly number[]> {
    const client = of === 'gateway' ? this.#client : this.#direct[0];
    const answered = heardFrom(client, 'the client');
    client.send(command);
    const { times, failures } = (await answered) as Answer;
    if (failures.length > 0) throw new Error(`${failures.length} of ${command.count} failed: ${failures[0]}`);
    return times;
  }

  /** What the two processes have used since this was asked last. */
  async usage(): Promise<{ gateway: Usage; warden: Usage }> {
    const [gateway, warden] = await Promise.all([
      usageOf(this.gateway, 'the gateway'),
      usageOf(this.warden, 'the warden'),
    ]);
    return { gateway, warden };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.#client, ...this.#direct, this.gateway, this.warden, this.#agents]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      if (child === this.gateway || child === this.warden) child.send('exit');
      else child.kill('SIGKILL');
      await gone;
    }
    await this.#policies[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Bytes that a process holds: the least of some readings after a collection each, since what one leaves to the next is no need of it. */
export async function held(child: ChildProcess): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < READINGS; i += 1) {
    child.send('collect');
    await pause(CALM_MS);
    least = Math.min(least, await pss(child.pid ?? 0));
  }
  return least;
}

async function usageOf(child: ChildProcess, name: string): Promise<Usage> {
  child.send('usage');
  for (;;) {
    /** What it tells its supervisor comes here too. */
    const told = (await heardFrom(child, name)) as { usage?: Usage };
    if (told.usage !== undefined) return told.usage;
  }
}

/** The next message of one of the processes. Throws where that ends instead. */
async function heardFrom(child: ChildProcess, name: string): Promise<unknown> {
  const heard = new AbortController();
  const { signal } = heard;
  const ended = once(child, 'exit', { signal }).then(([code, killed]) => {
    throw new Error(`${name} has ended while it was measured: ${killed ?? `status ${code}`}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    heard.abort();
    ended.catch(() => {});
  }
}

/** The shipped policies with room for so many: the sum of the limits is far beyond any host's memory. */
export function roomyPolicies(fields: object, { kernels, pool }: Pick<StageOptions, 'kernels' | 'pool'>) {
  const share = { memory: '16384 GiB', sandboxes: Math.max(200, 2 * kernels + pool) };
  const kept = { min: pool, refillAt: pool, max: pool };
  const ceiling = {
    ...{
      memory: '4 GiB',
      cpus: 4,
      pids: 512,
      openFiles: 4096,
      life: '2 d',
      cell: '12 h',
      perCell: '256 MiB',
      files: '1 GiB',
    },
    pool: 1000,
  };
  return policyFolder(
    { standard: { ...fields, pool: kept } },
    { default: 'standard', share, perPerson: 10_000, ceiling },
  );
}

async function issueTokens(env: Record<string, string | undefined>, count: number): Promise<string[]> {
  await using people = await openPeople(readSettings(env));
  const tokens: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const user = await people.store.users.add(`person-${i}`, 'member', Date.now());
    tokens.push(await people.tokens.issue(user, 'bench', DAY));
  }
  return tokens;
}
