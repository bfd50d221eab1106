/** A worksheet of a real Carrel, driven as any Jupyter client drives it: where somebody else's attacks run. */
import { findReport, type Limits, type Marks, type Ran } from '../../gateway/src/attack/stage.ts';
import { type Kernel, type Message, openKernel, rest, type Server } from '../support/jupyter.ts';
import type { Stage } from './foreign.ts';

export interface WorksheetOptions {
  readonly server: Server;
  /** Name of the kernelspec. */
  readonly kernel: string;
  readonly limits: Limits;
  readonly marks: Marks;
}

/** Long enough for an out-of-memory kill, the start of a new kernel, and a machine that is busy with both. */
const RESTART_MS = 45_000;

const TAIL = 16_000;

export class WorksheetStage implements Stage, AsyncDisposable {
  readonly limits: Limits;
  readonly #options: WorksheetOptions;
  #kernel: Kernel | undefined;

  constructor(options: WorksheetOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  async run(source: string, seconds = 45): Promise<Ran> {
    return runIn(await this.#open(), source, seconds * 1000, this.#options.marks.forgery);
  }

  async answers(): Promise<boolean> {
    return answersOf(this.#kernel);
  }

  async restart(): Promise<void> {
    const kernel = await this.#open();
    const answer = await rest(this.#options.server, 'POST', `/api/kernels/${kernel.id}/restart`);
    if (answer.status !== 200) throw new Error(`POST restart answered ${answer.status}: ${answer.text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kernel?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<Kernel> {
    this.#kernel ??= await openKernel(this.#options.server, { name: this.#options.kernel });
    return this.#kernel;
  }
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
async function runIn(kernel: Kernel, source: string, ms: number, forgery: string): Promise<Ran> {
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
async function answersOf(kernel: Kernel | undefined): Promise<boolean> {
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
