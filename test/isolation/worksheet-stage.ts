/** A worksheet of a real Carrel, driven as any Jupyter client drives it; a second one beside it is the neighbour. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { type Kernel, type Message, openKernel, rest, type Server } from '../support/jupyter.ts';
import { knockSource, neighbourSource } from './source.ts';
import { findReport, type Limits, type Marks, type Ran, type Stage } from './stage.ts';

export interface WorksheetOptions {
  readonly server: Server;
  /** Name of the kernelspec; the server's default when absent. */
  readonly kernel?: string;
  readonly limits: Limits;
  readonly marks: Marks;
  /** The data folder of a Carrel on this machine: with it the sandbox's container is found. */
  readonly data?: string;
  /** No neighbour is opened beside it until one is asked for. */
  readonly alone?: boolean;
}

/** Long enough for an out-of-memory kill, the start of a new kernel, and a machine that is busy with both. */
const RESTART_MS = 45_000;

const TAIL = 16_000;

export class WorksheetStage implements Stage {
  readonly limits: Limits;
  readonly #options: WorksheetOptions;
  readonly #docker = new Docker();
  #kernel: Kernel | undefined;
  #neighbour: Kernel | undefined;

  constructor(options: WorksheetOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  async run(source: string, seconds = 45): Promise<Ran> {
    return runIn(await this.#open(), source, seconds * 1000, this.#options.marks.forgery);
  }

  async neighbour(source: string): Promise<Ran> {
    const { marks, limits } = this.#options;
    if (this.#neighbour === undefined) {
      this.#neighbour = await openKernel(this.#options.server, this.#spec());
      const ran = await runIn(this.#neighbour, neighbourSource(marks, limits), 20_000, marks.forgery);
      if (!ran.tail.includes('the neighbour is at home')) throw new Error(`the neighbour did not start: ${ran.tail}`);
    }
    return runIn(this.#neighbour, source, 20_000, marks.forgery);
  }

  async neighbourAnswers(): Promise<boolean> {
    return (await this.neighbour(knockSource(this.#options.marks))).tail.trim() === 'True';
  }

  async answers(): Promise<boolean> {
    const healthy = await answersOf(this.#kernel);
    if (!healthy) await this.replace();
    return healthy;
  }

  /** Ends the worksheet; the next run opens a fresh one. */
  async replace(): Promise<void> {
    await this.#kernel?.[Symbol.asyncDispose]();
    this.#kernel = undefined;
  }

  async interrupt(): Promise<void> {
    await this.#post('interrupt', 204);
  }

  async restart(): Promise<void> {
    await this.#post('restart', 200);
  }

  async container(): Promise<string | undefined> {
    const { data } = this.#options;
    if (data === undefined) return undefined;
    const kernel = await this.#open();
    const uid = await uidOf(kernel, this.#options.marks.forgery);
    const label = [
      `carrel.instance=${(await readFile(join(data, 'warden', 'instance'), 'utf8')).trim()}`,
      `carrel.uid=${uid}`,
    ];
    const found = await this.#docker.listContainers({ filters: { label } });
    return found[0]?.Id;
  }

  async processorSeconds(): Promise<number> {
    const id = await this.container();
    if (id === undefined) throw new Error('no container has the user id of the kernel');
    // biome-ignore lint/suspicious/noExplicitAny: the engine's answer, of which one number is read
    const stats = (await this.#docker.getContainer(id).stats({ stream: false, 'one-shot': true } as object)) as any;
    return stats.cpu_stats.cpu_usage.total_usage / 1e9;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.replace();
    await this.#neighbour?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<Kernel> {
    if (this.#kernel !== undefined) return this.#kernel;
    if (!this.#options.alone) await this.neighbour('pass');
    this.#kernel = await openKernel(this.#options.server, this.#spec());
    if (this.#options.data !== undefined && (await this.container()) === undefined)
      throw new Error('no container has the user id of the kernel that was just opened');
    return this.#kernel;
  }

  #spec(): { name?: string } {
    return this.#options.kernel === undefined ? {} : { name: this.#options.kernel };
  }

  async #post(verb: string, expected: number): Promise<void> {
    const kernel = await this.#open();
    const answer = await rest(this.#options.server, 'POST', `/api/kernels/${kernel.id}/${verb}`);
    if (answer.status !== expected) throw new Error(`POST ${verb} answered ${answer.status}: ${answer.text}`);
  }
}

/** Asked anew each time: a kernel whose sandbox has died lives on in another one, while the dead one may still be listed. */
async function uidOf(kernel: Kernel, forgery: string): Promise<string> {
  return (await runIn(kernel, 'import os; print(os.getuid())', 30_000, forgery)).tail.trim();
}

/** What Carrel answers in the name of a kernel that did not live to answer itself. */
const DEATHS = new Set([
  'OutOfMemory',
  'KernelDied',
  'SandboxEnded',
  'KernelRestarted',
  'KernelDead',
  'KernelShutDown',
]);

/** Runs a source as a cell and sums up what came of it. */
export async function runIn(kernel: Kernel, source: string, ms: number, forgery: string): Promise<Ran> {
  kernel.messages = [];
  const id = kernel.execute(source);
  const mine = (message: Message) => message.parent_header.msg_id === id;
  let death: string | undefined;
  try {
    const reply = await kernel.reply(id, ms);
    // A kernel that died has its reply from the gateway; nobody promises an idle after it.
    await kernel.idle(id, 5000).catch(() => {});
    const { status, ename, evalue } = reply.content;
    if (status === 'error' && DEATHS.has(ename)) death = `${ename}: ${evalue}`;
  } catch (error) {
    death = `no reply: ${(error as Error).message}`;
    await rest(kernel.server, 'POST', `/api/kernels/${kernel.id}/interrupt`);
  }
  const all = kernel.messages;
  const text = kernel.text(id);
  kernel.messages = [];
  return {
    report: findReport(text),
    tail: text.slice(-TAIL),
    relayed: all.filter(mine).reduce((sum, message) => sum + message.size, 0),
    largest: all.reduce((most, message) => Math.max(most, message.size), 0),
    forged: all.filter((message) => isForged(message, id, forgery)).map((message) => message.header.msg_type),
    death,
  };
}

/** What a kernel may say about a cell. */
const KNOWN = new Set([
  'status',
  'execute_input',
  'execute_reply',
  'stream',
  'error',
  'display_data',
  'execute_result',
]);

/** The mark of a forgery anywhere but in this cell's output, or a message of a type that no attack asks for. */
function isForged(message: Message, id: string, forgery: string): boolean {
  if (!KNOWN.has(message.header.msg_type)) return true;
  const isOutput = message.header.msg_type === 'stream' && message.parent_header.msg_id === id;
  return !isOutput && JSON.stringify({ ...message, buffers: [] }).includes(forgery);
}

/** Whether 1+1 is 2: also after the kernel, or the whole sandbox, has died and come back. */
export async function answersOf(kernel: Kernel | undefined): Promise<boolean> {
  if (kernel === undefined) return false;
  const deadline = Date.now() + RESTART_MS;
  while (Date.now() < deadline) {
    try {
      if (kernel.closed !== undefined) await kernel.connect();
      const ran = await kernel.run('print(1+1)', {}, 10_000);
      if (ran.text.trim() === '2') return true;
    } catch {
      const model = await rest(kernel.server, 'GET', `/api/kernels/${kernel.id}`);
      if (model.status === 404) return false;
    }
    await new Promise((next) => setTimeout(next, 200));
  }
  return false;
}
