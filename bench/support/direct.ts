/** The other side of `direct.py`: ipykernel driven directly by jupyter_client, on the distribution's Python. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface DirectAnswer {
  /** Milliseconds. */
  readonly times: readonly number[];
  /** The kernel's process, of `process`. */
  readonly pid?: number;
  /** Characters of output that came. */
  readonly bytes?: number;
  readonly text?: string;
}

/** Debian's packages belong to Debian's Python, whatever else is in the path. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

export class Direct implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  #waiting: ((answer: DirectAnswer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #stderr = '';

  constructor() {
    const child = spawn(PYTHON, [join(import.meta.dirname, 'direct.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    this.#lines.on('line', (line) => this.#waiting?.(JSON.parse(line)));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk).slice(-2000);
    });
    child.once('exit', (code) => this.#failed?.(new Error(`direct.py ended with ${code}:\n${this.#stderr}`)));
  }

  /** A kernel that has answered; `times` holds what that took. */
  static async start(): Promise<Direct & { readonly first: number }> {
    const direct = new Direct();
    const { times } = await direct.ask('start');
    return Object.assign(direct, { first: times[0] ?? Number.NaN });
  }

  ask(command: string, more: object = {}): Promise<DirectAnswer> {
    return new Promise((done, fail) => {
      this.#waiting = done;
      this.#failed = fail;
      this.#child.stdin?.write(`${JSON.stringify({ do: command, ...more })}\n`);
    });
  }

  /** `count` cells, one after the other; milliseconds of each. */
  async round(count: number, code = '1+1'): Promise<readonly number[]> {
    return (await this.ask('round', { count, code })).times;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await this.ask('end').catch(() => {});
    this.#child.stdin?.end();
    await new Promise((done) => (this.#child.exitCode === null ? this.#child.once('exit', done) : done(null)));
  }
}

/** Names and versions of what is driven. */
export async function directVersions(): Promise<string> {
  await using direct = await Direct.start();
  return (await direct.ask('versions')).text ?? '';
}
