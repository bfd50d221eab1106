/** A whole Carrel (supervisor, warden, gateway) on a free port and a data folder of its own, as `npm start` runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compileCacheFolder } from '../../gateway/src/app/places.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Carrel extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly data: string;
  /** Everything that it has printed. */
  readonly log: () => string;
  /** Process id of one of the two processes that the supervisor keeps. */
  pid(part: 'gateway' | 'warden'): Promise<number>;
  /** SIGKILLs one of them; the supervisor starts it again. */
  kill(part: 'gateway' | 'warden'): Promise<void>;
  /** Runs a `carrel` command on the same data folder. */
  command(...args: string[]): Promise<{ code: number | null; out: string }>;
  /** Ends it as Ctrl-C does and answers the exit status. */
  stop(): Promise<number | null>;
}

export async function startCarrel(env: Record<string, string> = {}): Promise<Carrel> {
  const data = await mkdtemp(join(tmpdir(), 'carrel-test-'));
  const port = await freePort();
  const places = { CARREL_PORT: String(port), CARREL_DATA: data, CARREL_LOG_FILE: '-' };
  const environment = { NODE_COMPILE_CACHE: compileCacheFolder, ...process.env, ...places, ...env };
  const child = spawn(process.execPath, [join(root, 'gateway/src/cli/main.ts'), 'serve'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.on('data', (chunk) => (log += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  const address = await readyLine(child, () => log);
  const pid = (part: 'gateway' | 'warden') => childOf(child.pid ?? 0, part);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGINT');
      await new Promise((done) => child.once('exit', done));
    }
    await rm(data, { recursive: true, force: true });
    return child.exitCode;
  };
  return {
    url: address.origin + address.pathname.replace(/\/$/, ''),
    token: address.searchParams.get('token') ?? '',
    data,
    log: () => log,
    pid,
    kill: async (part) => void process.kill(await pid(part), 'SIGKILL'),
    command: (...args) => run(args, environment),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

function run(args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [join(root, 'gateway/src/cli/main.ts'), ...args], { cwd: root, env });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  return new Promise((done) => child.once('close', (code) => done({ code, out })));
}

async function readyLine(child: ChildProcess, log: () => string): Promise<URL> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    const found = /Carrel is ready: (\S+)/.exec(log());
    if (found?.[1] !== undefined) return new URL(found[1]);
    if (child.exitCode !== null) throw new Error(`Carrel ended with ${child.exitCode} before it was ready:\n${log()}`);
    await new Promise((next) => setTimeout(next, 20));
  }
  child.kill('SIGINT');
  throw new Error(`Carrel was not ready within 90 s:\n${log()}`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The supervisor's child whose command line names the part. */
async function childOf(parent: number, part: string): Promise<number> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
    for (const pid of children.split(' ').filter(Boolean)) {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (words.includes(part)) return Number(pid);
    }
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error(`no ${part} process below ${parent}`);
}
