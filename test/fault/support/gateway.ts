/** `carrel gateway` as a process of its own beside a warden, started again at once after each SIGKILL: a supervisor waits longer and longer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { compileCacheFolder } from '../../../gateway/src/app/places.ts';
import { freePort } from '../../support/carrel.ts';
import type { Server } from '../../support/jupyter.ts';
import { WardenProcess } from '../../support/warden-process.ts';

const MAIN = resolve(import.meta.dirname, '../../../gateway/src/cli/main.ts');

export class GatewayProcess implements Server, AsyncDisposable {
  readonly url: string;
  token = '';
  readonly #warden: WardenProcess;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #ended = false;

  private constructor(warden: WardenProcess, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#warden = warden;
    this.#env = {
      NODE_COMPILE_CACHE: compileCacheFolder,
      ...process.env,
      CARREL_DATA: join(warden.folder, 'data'),
      CARREL_POLICIES: join(warden.folder, 'policies'),
      CARREL_PORT: String(port),
      CARREL_LOG_FILE: join(warden.folder, 'gateway.log'),
    };
  }

  static async start(): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(await WardenProcess.start({ small: {} }), await freePort());
    await gateway.#command('user', 'add', 'ada');
    const token = /[?&]token=(\S+)/.exec(await gateway.#command('user', 'token', 'ada'))?.[1];
    if (token === undefined) throw new Error('no token was printed');
    gateway.token = token;
    gateway.#run();
    await gateway.#answers();
    return gateway;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.kill();
    await this.#warden[Symbol.asyncDispose]();
  }

  #run(): void {
    const child = spawn(process.execPath, [MAIN, 'gateway'], { env: this.#env, stdio: 'ignore' });
    child.once('exit', () => {
      if (!this.#ended) this.#run();
    });
    this.#child = child;
  }

  async #answers(): Promise<void> {
    for (let left = 300; left > 0; left -= 1) {
      const answer = await fetch(`${this.url}/api`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error('the gateway did not answer within 15 s');
  }

  async #command(...args: string[]): Promise<string> {
    const child = spawn(process.execPath, [MAIN, ...args], { env: this.#env, stdio: ['ignore', 'pipe', 'inherit'] });
    return text(child.stdout);
  }
}
