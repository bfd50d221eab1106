/** Two `carrel gateway` processes beside one warden, on one PostgreSQL and one Redis, each started again after it has ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { compileCacheFolder } from '../../gateway/src/app/places.ts';
import { ensureBaseImage } from '../../setup/base-images.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { REDIS_IMAGE } from '../../setup/stand-ins.ts';
import { freePort } from './carrel.ts';
import type { Server } from './jupyter.ts';
import { freshDatabase } from './postgres.ts';
import { WardenProcess } from './warden-process.ts';

const MAIN = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');

export class Member implements Server {
  readonly url: string;
  token = '';
  readonly log: string;
  readonly inner: number;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #ended = false;

  constructor(env: NodeJS.ProcessEnv, port: number, inner: number, log: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.log = log;
    this.inner = inner;
    const own = { CARREL_PORT: String(port), CARREL_INTERNAL: `127.0.0.1:${inner}`, CARREL_LOG_FILE: log };
    this.#env = { ...env, ...own };
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  run(): void {
    const child = spawn(process.execPath, [MAIN, 'gateway'], { env: this.#env, stdio: 'ignore' });
    child.once('exit', () => {
      if (!this.#ended) this.run();
    });
    this.#child = child;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  end(): void {
    this.#ended = true;
    this.signal('SIGKILL');
  }

  async until(what: string, line: RegExp, times = 1): Promise<void> {
    for (let left = 1200; left > 0; left -= 1) {
      const lines = (await readFile(this.log, 'utf8').catch(() => '')).split('\n');
      if (lines.filter((each) => line.test(each)).length >= times) return;
      await new Promise((next) => setTimeout(next, 25));
    }
    throw new Error(`not within 30 s: ${what}\n${(await readFile(this.log, 'utf8')).slice(-3000)}`);
  }
}

export const OWNS = /this gateway owns the worksheets/;
export const PASSES = /this one passes on to it/;

export class TwoGateways implements AsyncDisposable {
  readonly members: readonly [Member, Member];
  readonly redis: StartedTestContainer;
  readonly #warden: WardenProcess;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(
    warden: WardenProcess,
    redis: StartedTestContainer,
    members: [Member, Member],
    env: NodeJS.ProcessEnv,
  ) {
    this.#warden = warden;
    this.#env = env;
    this.redis = redis;
    this.members = members;
  }

  /** The first owns the worksheets; `settings` are of both. */
  static async start(settings: Record<string, string> = {}): Promise<TwoGateways> {
    await ensureBaseImage(await ensureEngine(), REDIS_IMAGE);
    const port = await freePort();
    const redis = await new GenericContainer(REDIS_IMAGE).withExposedPorts({ container: 6379, host: port }).start();
    const warden = await WardenProcess.start({ small: {} });
    const env = {
      NODE_COMPILE_CACHE: compileCacheFolder,
      ...process.env,
      CARREL_DATA: join(warden.folder, 'data'),
      CARREL_POLICIES: join(warden.folder, 'policies'),
      CARREL_DATABASE: await freshDatabase(),
      ...settings,
    };
    const token = await userToken(env);
    const shared = { ...env, CARREL_REDIS: `redis://${redis.getHost()}:${port}` };
    const make = async (name: string) =>
      new Member(shared, await freePort(), await freePort(), join(warden.folder, `${name}.log`));
    const members: [Member, Member] = [await make('one'), await make('two')];
    const both = new TwoGateways(warden, redis, members, env);
    for (const member of members) member.token = token;
    members[0].run();
    await members[0].until('the first owns', OWNS);
    members[1].run();
    await members[1].until('the second passes on', PASSES);
    return both;
  }

  /** What a `carrel` command of the installation prints. */
  command(...args: string[]): Promise<string> {
    return carrel(this.#env, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) member.end();
    for (const { id } of await this.#warden.list()) await this.#warden.close(id);
    await this.#warden[Symbol.asyncDispose]();
    await this.redis.stop();
  }
}

const carrel = (env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> =>
  text(spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] }).stdout);

async function userToken(env: NodeJS.ProcessEnv): Promise<string> {
  await carrel(env, ['user', 'add', 'ada']);
  const token = tokenIn(await carrel(env, ['user', 'token', 'ada']));
  if (token === undefined) throw new Error('no token was printed');
  return token;
}

/** The token of an address that `carrel user token` prints. */
export const tokenIn = (printed: string): string | undefined => /[?&]token=(\S+)/.exec(printed)?.[1];
