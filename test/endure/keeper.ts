/** Keeps a process running as a service manager does: one that ends is started again a second later. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

const AGAIN_AFTER_MS = 1000;

export class Keeper {
  readonly name: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #ended = false;
  starts = 0;

  /** `log`: a file that gets everything it prints. */
  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv, log: string) {
    this.name = name;
    this.#args = args;
    this.#env = env;
    this.#log = createWriteStream(log, { flags: 'a' });
    this.#start();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.#ended = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    this.#log.end();
  }

  #start(): void {
    this.starts += 1;
    const child = spawn(process.execPath, [...this.#args], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.pipe(this.#log, { end: false });
    child.once('exit', () => {
      if (!this.#ended) setTimeout(() => !this.#ended && this.#start(), AGAIN_AFTER_MS);
    });
  }
}
