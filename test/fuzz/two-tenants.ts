/** The scene of the fuzzing tests: Alice works in a worksheet, Mallory has an account too and sends rubbish. */
import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type PolicyFolder, policyFolder } from '../fault/support/policies.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { type Kernel, openKernel, rest, type Server } from '../support/jupyter.ts';

/** Fixed unless FUZZ_SEED says otherwise; printed, so that a failure can be had again. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
/** How many times as many cases as usual. */
export const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1);
console.log(`FUZZ_SEED=${SEED} FUZZ_FACTOR=${FACTOR}`);

/** The same cases for the same seed. */
export const cases = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { seed: SEED, numRuns: count * FACTOR });

const SECRET = 'alices-own-path.ipynb';

export class TwoTenants implements AsyncDisposable {
  readonly carrel: Carrel;
  readonly mallory: Server;
  /** Everything that Mallory was ever answered, of which nothing may be Alice's. */
  #heard = '';
  readonly #policies: PolicyFolder;
  readonly #kernel: Kernel;
  readonly #pids: readonly number[];

  private constructor(
    carrel: Carrel,
    mallory: Server,
    policies: PolicyFolder,
    kernel: Kernel,
    pids: readonly number[],
  ) {
    this.carrel = carrel;
    this.mallory = mallory;
    this.#policies = policies;
    this.#kernel = kernel;
    this.#pids = pids;
  }

  static async start(): Promise<TwoTenants> {
    const policies = await policyFolder({}, { perPerson: 2 });
    const carrel = await startCarrel({ CARREL_POLICIES: policies.path });
    await carrel.command('user', 'add', 'mallory');
    const { out } = await carrel.command('user', 'token', 'mallory');
    const token = /[\w-]+\.[\w-]+\.[\w-]+/.exec(out)?.[0];
    if (token === undefined) throw new Error(`no token for mallory: ${out}`);
    const kernel = await openKernel(carrel);
    await kernel.run(`secret = ${JSON.stringify(SECRET)}`);
    const session = { path: SECRET, type: 'notebook', name: SECRET, kernel: { id: kernel.id } };
    expect((await rest(carrel, 'POST', '/api/sessions', session)).status).toBe(201);
    return new TwoTenants(carrel, { url: carrel.url, token }, policies, kernel, await processes(carrel));
  }

  get alicesKernel(): string {
    return this.#kernel.id;
  }

  hear(answer: string): void {
    this.#heard = `${this.#heard}\n${answer}`.slice(-1_000_000);
    for (const own of [SECRET, this.carrel.token])
      if (answer.includes(own)) throw new Error(`Mallory was answered with something of Alice's (${own}): ${answer}`);
    if (/\n\s+at .*:\d+|node_modules|\/gateway\/src/.test(answer)) throw new Error(`the inside shows: ${answer}`);
  }

  /** Gateway and warden have not died, and Alice's worksheet is as it was. */
  async unharmed(): Promise<void> {
    expect(await processes(this.carrel)).toEqual(this.#pids);
    expect((await this.#kernel.run('print(secret)')).text).toBe(`${SECRET}\n`);
    expect(this.#kernel.closed).toBeUndefined();
  }

  /** Ends the kernels that Mallory managed to start. */
  async tidy(): Promise<void> {
    const { json } = await rest(this.mallory, 'GET', '/api/kernels');
    for (const kernel of json) await rest(this.mallory, 'DELETE', `/api/kernels/${kernel.id}`);
  }

  async descriptors(): Promise<number> {
    return (await readdir(`/proc/${this.#pids[0]}/fd`)).length;
  }

  /** Bytes. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.#pids[0]}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.carrel.stop();
    await this.#policies[Symbol.asyncDispose]();
  }
}

const processes = (carrel: Carrel) => Promise.all([carrel.pid('gateway'), carrel.pid('warden')]);
