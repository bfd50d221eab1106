/** `carrel warden` as a process of its own, on a data folder and with policies of its own, on the real engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import {
  openProgress,
  type SandboxModel,
  sandboxModel,
  type WardenEvent,
  type WardenStatus,
  wardenEvent,
  wardenStatus,
} from '../../gateway/src/wire/warden-api.ts';

const root = resolve(import.meta.dirname, '../..');
const MAIN = join(root, 'gateway/src/cli/main.ts');

export class WardenProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  log = '';

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  /** Every policy is `small` with the fields given here and, unless they say otherwise, without a pool. */
  static async start(policies: Record<string, object>, env: Record<string, string> = {}): Promise<WardenProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'carrel-warden-'));
    const shipped = join(root, 'policies');
    await cp(join(shipped, 'seccomp'), join(folder, 'policies/seccomp'), { recursive: true });
    const small = parse(await readFile(join(shipped, 'small.yaml'), 'utf8')) as object;
    const [first = 'small'] = Object.keys(policies);
    const site = parse(await readFile(join(shipped, 'site.yaml'), 'utf8')) as object;
    await writeFile(join(folder, 'policies/site.yaml'), stringify({ ...site, default: first }));
    for (const [name, fields] of Object.entries(policies)) {
      const policy = { ...small, pool: { min: 0, refillAt: 0, max: 0 }, title: name, ...fields };
      await writeFile(join(folder, `policies/${name}.yaml`), stringify(policy));
    }
    const places = { CARREL_DATA: join(folder, 'data'), CARREL_POLICIES: join(folder, 'policies') };
    const settings = { ...places, CARREL_LOG_FILE: '-' };
    const warden = new WardenProcess(folder, { ...process.env, ...settings, ...env });
    await warden.run();
    return warden;
  }

  /** Starts the process (again) and waits until it answers. */
  async run(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'warden'], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (chunk) => {
        this.log += chunk;
      });
    }
    await this.until('the warden answers', () => {
      if (child.exitCode !== null) throw new Error(`the warden ended with ${child.exitCode}:\n${this.log}`);
      return this.status().then(Boolean, () => false);
    });
  }

  /** Starts a second process on the same data folder and waits for its end. */
  async another(): Promise<{ code: number | null; text: string }> {
    const child = spawn(process.execPath, [MAIN, 'warden'], { env: this.#env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    return new Promise((done) => child.once('close', (code) => done({ code, text })));
  }

  /** Answers the exit status, or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | string | null>((done) => child.once('exit', (code, by) => done(by ?? code)));
    child.kill(signal);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  get instance(): Promise<string> {
    return readFile(join(this.folder, 'data/warden/instance'), 'utf8').then((text) => text.trim());
  }

  async status(): Promise<WardenStatus> {
    return wardenStatus.parse(JSON.parse((await this.#ask('GET', '/status')).text));
  }

  async list(): Promise<SandboxModel[]> {
    return sandboxModel.array().parse(JSON.parse((await this.#ask('GET', '/sandboxes')).text));
  }

  async open(worksheet: string, policy: string): Promise<SandboxModel> {
    const { text } = await this.#ask('POST', '/sandboxes', JSON.stringify({ policy, worksheet }));
    const last: unknown = JSON.parse(text.trim().split('\n').at(-1) ?? '');
    const progress = openProgress.safeParse(last);
    if (progress.data?.type === 'opened') return progress.data.sandbox;
    throw new Error(`not opened: ${text}`);
  }

  async close(id: string): Promise<void> {
    await this.#ask('DELETE', `/sandboxes/${id}`);
  }

  stream(id: string): Promise<Socket> {
    const headers = { Connection: 'Upgrade', Upgrade: 'carrel-stdio' };
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, path: `/sandboxes/${id}/stream`, headers, agent: false });
      asked.on('upgrade', (_, socket) => resolve(socket.on('error', () => {}) as Socket));
      asked.on('response', (response) => reject(new Error(`the stream was refused with ${response.statusCode}`)));
      asked.on('error', reject);
      asked.end();
    });
  }

  /** Collects events until the test ends. */
  events(): WardenEvent[] {
    const events: WardenEvent[] = [];
    let rest = '';
    const asked = request({ socketPath: this.#socket, path: '/events', agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        events.push(...lines.map((line) => wardenEvent.parse(JSON.parse(line))));
      });
      response.on('error', () => {});
    });
    asked.on('error', () => {}).end();
    return events;
  }

  async until(what: string, test: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!(await test())) {
      if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}\n${this.log.slice(-4000)}`);
      await new Promise((next) => setTimeout(next, 30));
    }
  }

  get #socket(): string {
    return join(this.folder, 'data/warden.sock');
  }

  #ask(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, method, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
