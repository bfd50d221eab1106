/** Attacks run here: one sandbox of the policy, a second one beside it as the neighbour, both made by a warden as any other. */
import type { KernelId } from '../base/ids.ts';
import { type KernelConnection, SandboxFileError } from '../kernel/contract.ts';
import type { Grounds } from './grounds.ts';
import { knockSource, neighbourSource } from './source.ts';
import { type Fetched, findReport, type Limits, limitsOf, type Marks, type Ran, type Stage } from './stage.ts';
import { executeRequest, type Seen, Watcher } from './watcher.ts';

/** Long enough for an out-of-memory kill, the start of a new kernel, and a machine that is busy with both. */
const RESTART_MS = 45_000;
const NEIGHBOUR_MS = 20_000;
/** Nobody promises an idle after the reply of a kernel that died. */
const IDLE_MS = 5000;
const FILE_MS = 8000;
const TAIL = 16_000;
/** Of a file that is fetched; more is refused. */
const FETCH_MOST = 4 * 1024 * 1024;
const BEGINS = 4096;
const LIST_MOST = 10_000;

interface Opened {
  readonly id: KernelId;
  readonly connection: KernelConnection;
  readonly watcher: Watcher;
}

export class SandboxStage implements Stage {
  readonly limits: Limits;
  readonly #grounds: Grounds;
  readonly #marks: Marks;
  #kernel: Opened | undefined;
  #neighbour: Opened | undefined;

  constructor(grounds: Grounds, marks: Marks) {
    this.limits = limitsOf(grounds.policy);
    this.#grounds = grounds;
    this.#marks = marks;
  }

  async run(source: string, seconds = 45): Promise<Ran> {
    return this.#run(await this.#open(), source, seconds * 1000);
  }

  async neighbour(source: string): Promise<Ran> {
    if (this.#neighbour === undefined) {
      this.#neighbour = await this.#start();
      const ran = await this.#run(this.#neighbour, neighbourSource(this.#marks, this.limits), NEIGHBOUR_MS);
      if (!ran.tail.includes('the neighbour is at home')) throw new Error(`the neighbour did not start: ${ran.tail}`);
    }
    return this.#run(this.#neighbour, source, NEIGHBOUR_MS);
  }

  async neighbourAnswers(): Promise<boolean> {
    return (await this.neighbour(knockSource(this.#marks))).tail.trim() === 'True';
  }

  async answers(): Promise<boolean> {
    if (this.#kernel !== undefined) {
      const end = performance.now() + RESTART_MS;
      while (performance.now() < end && this.#kernel.watcher.closed === undefined) {
        if ((await this.#run(this.#kernel, 'print(1+1)', 10_000)).tail.trim() === '2') return true;
        await new Promise((next) => setTimeout(next, 200));
      }
    }
    await this.replace();
    return false;
  }

  async replace(): Promise<void> {
    await this.#end(this.#kernel);
    this.#kernel = undefined;
  }

  async interrupt(): Promise<void> {
    const { id } = await this.#open();
    await this.#grounds.kernels.interrupt(this.#grounds.owner, id);
  }

  async restart(): Promise<void> {
    const { id } = await this.#open();
    await this.#grounds.kernels.restart(this.#grounds.owner, id);
  }

  async fetch(path: string): Promise<Fetched> {
    const begin: Buffer[] = [];
    let bytes = 0;
    return this.#files(async (files) => {
      await files.read(
        path,
        ({ size }) => {
          if (size > FETCH_MOST) throw new Error(`${size} bytes are more than this asked for`);
        },
        (piece) => {
          if (bytes < BEGINS) begin.push(piece);
          bytes += piece.length;
          if (bytes > FETCH_MOST) throw new Error('more came than was announced');
          return undefined;
        },
      );
      return { begins: Buffer.concat(begin).toString('latin1', 0, BEGINS), bytes };
    });
  }

  list(): Promise<number | Extract<Fetched, { refused: string }>> {
    return this.#files(async (files) => (await files.list(LIST_MOST)).files.length);
  }

  async container(): Promise<string | undefined> {
    const { id } = await this.#open();
    return this.#grounds.kernels.sandbox(id)?.id;
  }

  async processorSeconds(): Promise<number> {
    return this.#grounds.processorSeconds((await this.container()) ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.replace();
    await this.#end(this.#neighbour);
    this.#neighbour = undefined;
  }

  async #files<T>(work: (files: FilesOf) => Promise<T>): Promise<T | { refused: string; late?: boolean }> {
    const { id } = await this.#open();
    const sandbox = this.#grounds.kernels.sandbox(id);
    if (sandbox === undefined) return { refused: 'there is no sandbox' };
    const late = Promise.withResolvers<{ refused: string; late: boolean }>();
    const timer = setTimeout(
      () => late.resolve({ refused: `no answer within ${FILE_MS / 1000} s`, late: true }),
      FILE_MS,
    );
    const answer = work(sandbox.files).catch((error: unknown) => ({
      refused: error instanceof SandboxFileError ? `${error.code}: ${error.message}` : (error as Error).message,
    }));
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(): Promise<Opened> {
    if (this.#kernel !== undefined) return this.#kernel;
    /** First, so that it is there whatever the attack does. */
    await this.neighbour('pass');
    this.#kernel = await this.#start();
    return this.#kernel;
  }

  async #start(): Promise<Opened> {
    const { kernels, owner, policy } = this.#grounds;
    const start = { owner, policy: policy.name, kernel: policy.kernel, name: policy.kernel, env: {} };
    const { id } = await kernels.start(start);
    const watcher = new Watcher(this.#marks.forgery);
    return { id, watcher, connection: kernels.connect(owner, id, watcher, undefined) };
  }

  async #end(opened: Opened | undefined): Promise<void> {
    if (opened === undefined) return;
    opened.connection.closed();
    await this.#grounds.kernels.shutdown(this.#grounds.owner, opened.id).catch(() => {});
  }

  /** Runs a source as a cell and sums up what came of it. */
  async #run({ id: kernel, connection, watcher }: Opened, source: string, ms: number): Promise<Ran> {
    watcher.take();
    const { id, message } = executeRequest(source);
    await connection.receive(message);
    const mine = (seen: Seen) => seen.parent === id;
    const reply = await watcher.until((seen) => mine(seen) && seen.type === 'execute_reply', ms);
    let death: string | undefined;
    if (reply === undefined) {
      death = `no reply: ${watcher.closed ?? `nothing within ${ms / 1000} s`}`;
      await this.#grounds.kernels.interrupt(this.#grounds.owner, kernel).catch(() => {});
    } else {
      await watcher.until((seen) => mine(seen) && seen.content['execution_state'] === 'idle', IDLE_MS);
      const { status, ename, evalue } = reply.content;
      if (status === 'error' && DEATHS.has(String(ename))) death = `${ename}: ${evalue}`;
    }
    const all = watcher.take();
    const text = all.flatMap((seen) => (mine(seen) ? [seen.text] : [])).join('');
    return {
      report: findReport(text),
      tail: text.slice(-TAIL),
      relayed: all.filter(mine).reduce((sum, { size }) => sum + size, 0),
      largest: all.reduce((most, { size }) => Math.max(most, size), 0),
      forged: all.filter((seen) => isForged(seen, id)).map(({ type }) => type),
      death,
    };
  }
}

type FilesOf = NonNullable<ReturnType<Grounds['kernels']['sandbox']>>['files'];

/** What Carrel answers in the name of a kernel that did not live to answer itself. */
const DEATHS: ReadonlySet<string> = new Set([
  'OutOfMemory',
  'KernelDied',
  'SandboxEnded',
  'KernelRestarted',
  'KernelDead',
  'KernelShutDown',
]);

/** What a kernel may say about a cell. */
const KNOWN: ReadonlySet<string> = new Set([
  'status',
  'execute_input',
  'execute_reply',
  'stream',
  'error',
  'display_data',
  'execute_result',
]);

/** The mark of a forgery anywhere but in this cell's output, or a message of a type that no attack asks for. */
const isForged = (seen: Seen, id: string): boolean =>
  !KNOWN.has(seen.type) || (seen.marked && !(seen.type === 'stream' && seen.parent === id));
