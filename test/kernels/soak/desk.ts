/** One person at one kernel of the long run: sends requests, knows what must come back, and checks all of it. */
import { executeContent, type Kernel, type Message, type Run, rest, type Server } from '../../support/jupyter.ts';
import { violations } from '../support/invariants.ts';
import type { Dice } from './dice.ts';

const LIMIT_MS = 60_000;
/** As many as may wait for a client's confirmation. */
const REMEMBERED = 20_000;

export class Desk {
  readonly server: Server;
  readonly kernel: Kernel;
  readonly dice: Dice;
  /** Cells since the kernel's process began, and in all. */
  cells = 0;
  /** Names of the acts, the one that runs last. */
  readonly trail: string[] = [];
  readonly counts = { acts: 0, requests: 0, cells: 0, messages: 0, repeated: 0, lives: 1 };
  #sent = new Set<string>();
  #unanswered = new Set<string>();
  /** Ids of messages of earlier acts. */
  #before: string[] = [];

  constructor(server: Server, kernel: Kernel, dice: Dice) {
    this.server = server;
    this.kernel = kernel;
    this.dice = dice;
  }

  execute(code: string, options: object = {}): string {
    this.cells += 1;
    this.counts.cells += 1;
    return this.request('shell', 'execute_request', executeContent(code, options));
  }

  request(channel: string, type: string, content: object = {}, buffers: Buffer[] = []): string {
    const id = this.kernel.send(channel, type, content, buffers);
    this.counts.requests += 1;
    this.#sent.add(id);
    if (type.startsWith('comm_') && !type.endsWith('_request')) this.#unanswered.add(id);
    return id;
  }

  /** The reply, once it and idle are there. */
  async answer(id: string): Promise<Message> {
    const [reply] = await Promise.all([this.kernel.reply(id, LIMIT_MS), this.kernel.idle(id, LIMIT_MS)]);
    return reply;
  }

  async run(code: string, options: object = {}): Promise<Run> {
    const id = this.execute(code, options);
    const reply = await this.answer(id);
    return { id, reply, messages: this.kernel.of(id), text: this.kernel.text(id) };
  }

  /** Runs a cell that must end well and print exactly this. */
  async prints(code: string, expected: string, options: object = {}): Promise<Run> {
    const run = await this.run(code, options);
    this.same('status', run.reply.content.status, 'ok', code, run.text);
    this.same('text', run.text, expected, code);
    return run;
  }

  async printed(id: string, text: string): Promise<void> {
    await this.kernel.until(JSON.stringify(text), () => this.kernel.text(id).includes(text), LIMIT_MS);
  }

  async interrupt(): Promise<void> {
    const { status } = await rest(this.server, 'POST', `/api/kernels/${this.kernel.id}/interrupt`);
    this.same('the answer to an interrupt', status, 204);
  }

  same(what: string, found: unknown, expected: unknown, ...context: unknown[]): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a === b) return;
    let at = 0;
    while (at < (a?.length ?? 0) && a?.[at] === b?.[at]) at += 1;
    const part = (text: string | undefined) => text?.slice(Math.max(0, at - 60), at + 120);
    const about = context.map((item) => String(item).slice(0, 600)).join('\n');
    throw new Error(`${what}: expected …${part(b)}, found …${part(a)} (from character ${at})\n${about}`);
  }

  /** A message may come a second time after a lost connection (RL12), of earlier acts too; here the second one is dropped. */
  forgetRepetitions(): void {
    const seen = new Set(this.#before);
    this.kernel.messages = this.kernel.messages.filter(({ header }) => {
      const fresh = !seen.has(header.msg_id);
      seen.add(header.msg_id);
      if (!fresh) this.counts.repeated += 1;
      return fresh;
    });
  }

  /** All that was sent has been answered: checks every message since the last time, then forgets them. */
  settle(): void {
    const found = violations(this.kernel.messages, this.#sent, this.#unanswered);
    if (found.length > 0) throw new Error(found.join('\n'));
    this.counts.messages += this.kernel.messages.length;
    this.#before = [...this.#before, ...this.kernel.messages.map(({ header }) => header.msg_id)].slice(-REMEMBERED);
    this.kernel.messages = [];
    this.#sent = new Set();
    this.#unanswered = new Set();
  }

  /** What everybody imports sooner or later, so that it does not look like growth. */
  async warmUp(): Promise<void> {
    const { reply, text } = await this.run(WARM_UP);
    this.same('status', reply.content.status, 'ok', text);
    const code = 'import collections; collections.Ord';
    await this.answer(this.request('shell', 'complete_request', { code, cursor_pos: code.length }));
  }

  /** Another process has taken the kernel's place. */
  async reborn(): Promise<void> {
    this.cells = 0;
    this.counts.lives += 1;
    const { reply } = await this.run('marker');
    this.same('variables are gone', reply.content.ename, 'NameError');
    this.same('the first count', reply.content.execution_count, 1);
    await this.warmUp();
  }
}

const WARM_UP = `import asyncio, ctypes, multiprocessing.pool, subprocess, threading, numpy
import matplotlib.pyplot as plt
plt.figure(figsize=(2, 2)); plt.plot([1, 3, 2]); plt.show()
a = numpy.ones((200, 200)); a @ a
def deep(n): return deep(n - 1) if n else None
deep(800)
await asyncio.to_thread(deep, 800)`;
