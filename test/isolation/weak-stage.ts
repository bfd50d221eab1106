/**
 * The weak container: Docker's defaults, user 0, no limit but a safety cap, a naive agent, and the neighbour in the same
 * container, as on the one big machine of old. Attacks that fail here too would prove nothing elsewhere.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import Docker from 'dockerode';
import { knockSource, neighbourSource } from '../../gateway/src/attack/source.ts';
import {
  type Fetched,
  findReport,
  type Limits,
  type Marks,
  type Ran,
  type Stage,
} from '../../gateway/src/attack/stage.ts';

export interface WeakOptions {
  readonly image: string;
  readonly marks: Marks;
  readonly limits: Limits;
  /** `0:0` when absent. */
  readonly user?: string;
  /** A network of the engine's; none when absent. */
  readonly network?: string;
  /** Docker's default profile when absent. */
  readonly seccomp?: 'unconfined';
  /** As operators give to what "needs to mount something": the machine's administration, no profile, nothing masked. */
  readonly admin?: boolean;
  /** Cells print straight into the stand-in's stream. */
  readonly raw?: boolean;
}

interface StandInMessage {
  readonly id?: number;
  readonly type?: string;
  readonly text?: string;
  readonly code?: number;
}

/** Three times what a sandbox may take, so that a machine for tests survives. */
const SAFETY = { Memory: 1900 * 2 ** 20, MemorySwap: 1900 * 2 ** 20, PidsLimit: 3000 };

export class WeakStage implements Stage {
  readonly limits: Limits;
  readonly #options: WeakOptions;
  readonly #docker = new Docker();
  #container: Docker.Container | undefined;
  #input: NodeJS.ReadWriteStream | undefined;
  #lines: { text: string; size: number }[] = [];
  #ended = true;
  #wake: () => void = () => {};
  #order = 0;

  constructor(options: WeakOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  async run(source: string, seconds = 45): Promise<Ran> {
    await this.#alive();
    return this.#command({ source }, seconds);
  }

  async neighbour(source: string): Promise<Ran> {
    return this.run(source);
  }

  async neighbourAnswers(): Promise<boolean> {
    return (await this.neighbour(knockSource(this.#options.marks))).tail.trim() === 'True';
  }

  async answers(): Promise<boolean> {
    if (this.#ended) return false;
    const ran = await this.#command({ source: 'print(1+1)' }, 8);
    return ran.tail.trim() === '2' && ran.forged.length === 0;
  }

  async fetch(path: string): Promise<Fetched> {
    return this.#files({ fetch: path });
  }

  async list(): Promise<number | Extract<Fetched, { refused: string }>> {
    const answer = await this.#files({ list: true });
    return 'files' in answer ? Number(answer.files) : (answer as { refused: string });
  }

  async #files(order: object): Promise<Fetched & { files?: number }> {
    await this.#alive();
    const ran = await this.#command(order, 5);
    if (ran.death !== undefined) return { refused: ran.death, late: true };
    return JSON.parse(ran.tail) as Fetched;
  }

  /** The naive agent has ended the cell with the cell's own process and believes that this is all. */
  async interrupt(): Promise<void> {}
  async restart(): Promise<void> {}

  async container(): Promise<string | undefined> {
    await this.#alive();
    return this.#container?.id;
  }

  async processorSeconds(): Promise<number> {
    await this.#alive();
    // biome-ignore lint/suspicious/noExplicitAny: the engine's answer, of which one number is read
    const stats = (await this.#container?.stats({ stream: false, 'one-shot': true } as object)) as any;
    return stats.cpu_stats.cpu_usage.total_usage / 1e9;
  }

  /** The next run starts a fresh container. */
  async replace(): Promise<void> {
    this.#ended = true;
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container?.remove({ force: true, v: true }).catch(() => {});
    this.#container = undefined;
  }

  async #alive(): Promise<void> {
    if (!this.#ended) return;
    await this.replace();
    const { image, user = '0:0', network = 'none', seccomp, admin = false, raw, marks, limits } = this.#options;
    const container = await this.#docker.createContainer({
      name: `isolation-weak-${randomUUID().slice(0, 8)}`,
      Image: image,
      Entrypoint: ['python3', '-u', '-c', readFileSync(join(import.meta.dirname, 'naive_agent.py'), 'utf8')],
      Cmd: raw ? ['raw'] : [],
      User: user,
      // What a careless operator puts there.
      Env: ['GATEWAY_TOKEN=3f786850e387550fdab836ed7e6dc881de23001b'],
      OpenStdin: true,
      HostConfig: {
        NetworkMode: network,
        ...(admin ? { CapAdd: ['SYS_ADMIN', 'SYSLOG'], MaskedPaths: [], ReadonlyPaths: [] } : {}),
        LogConfig: { Type: 'none', Config: {} },
        SecurityOpt: admin || seccomp !== undefined ? ['seccomp=unconfined'] : [],
        ...SAFETY,
      },
    });
    this.#container = container;
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    const output = new PassThrough();
    this.#docker.modem.demuxStream(stream, output, output);
    stream.on('close', () => this.#end());
    stream.on('end', () => this.#end());
    this.#input = stream;
    this.#lines = [];
    this.#ended = false;
    createInterface({ input: output }).on('line', (text) => {
      this.#lines.push({ text, size: Buffer.byteLength(text) });
      this.#wake();
    });
    await container.start();
    this.#order = 0;
    await this.#receive(0, 20);
    const stays = '\nsys.stdout.flush()\ntime.sleep(900)\n';
    await this.#command({ source: neighbourSource(marks, limits) + stays, beside: true }, 20);
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  async #command(order: object, seconds: number): Promise<Ran> {
    this.#order += 1;
    const id = this.#order;
    this.#input?.write(`${JSON.stringify({ id, ...order })}\n`);
    return this.#receive(id, seconds);
  }

  async #receive(id: number, seconds: number): Promise<Ran> {
    const deadline = Date.now() + seconds * 1000;
    let [tail, relayed, largest, death] = ['', 0, 0, undefined as string | undefined];
    const forged: string[] = [];
    for (;;) {
      const line = this.#lines.shift();
      if (line === undefined) {
        const left = deadline - Date.now();
        if (this.#ended) death = 'the agent has ended';
        else if (left <= 0) death = 'no end in time';
        if (death !== undefined) break;
        await new Promise<void>((next) => {
          const timer = setTimeout(next, left);
          this.#wake = () => {
            clearTimeout(timer);
            next();
          };
        });
        continue;
      }
      relayed += line.size;
      largest = Math.max(largest, line.size);
      const message = parse(line.text);
      if (message?.id === id && message.type === 'output') tail = (tail + (message.text ?? '')).slice(-16_000);
      else if (message?.id === id && message.type === 'end') {
        if (message.code !== 0) death = `the cell ended with ${message.code}`;
        break;
      } else forged.push(line.text.slice(0, 80));
    }
    return { report: findReport(tail), tail, relayed, largest, forged, death };
  }
}

function parse(text: string): StandInMessage | undefined {
  try {
    return JSON.parse(text) as StandInMessage;
  } catch {
    return undefined;
  }
}
