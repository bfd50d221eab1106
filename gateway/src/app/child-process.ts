/** One of the supervisor's two processes: started, awaited, started again when it dies, stopped for good. */
import { type ChildProcess, spawn } from 'node:child_process';
import { compileCacheFolder, mainFile } from './places.ts';
import { SUPERVISED, type Told } from './supervised.ts';

export type Part = 'warden' | 'gateway';

/** sysexits.h EX_CONFIG: the part has said what is wrong, and starting it again would not help. */
const MISCONFIGURED = 78;
/** Milliseconds before a part that died is started again: the first wait, and the longest. */
const SOON = 20;
const LATEST = 10_000;
/** A part that ran this long was in order; its next death is waited for as shortly as the first. */
const HEALTHY = 30_000;

export interface PartEvents {
  /** It has died and will be started again after this many milliseconds. */
  onDeath(part: Part, how: string, again: number): void;
  /** What it says of itself. */
  onTold(part: Part, told: Told): void;
  /** It cannot run; it has told why. */
  onMisconfigured(part: Part): void;
}

export class KeptProcess {
  readonly part: Part;
  readonly #events: PartEvents;
  #child: ChildProcess | undefined;
  #wait = SOON;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(part: Part, events: PartEvents) {
    this.part = part;
    this.#events = events;
  }

  /**
   * A process group of its own keeps Ctrl-C of a terminal away from it, so that the supervisor decides the order of the end.
   * Through the channel the part learns that its supervisor is gone.
   */
  start(): void {
    const begun = Date.now();
    const child = spawn(process.execPath, [mainFile, this.part, SUPERVISED], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
      env: environmentOf(this.part),
    });
    this.#child = child;
    child.once('error', () => {});
    child.on('message', (message) => this.#events.onTold(this.part, message as Told));
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      if (code === MISCONFIGURED) {
        this.#events.onMisconfigured(this.part);
        return;
      }
      if (Date.now() - begun > HEALTHY) this.#wait = SOON;
      this.#events.onDeath(this.part, signal ?? `exit status ${code}`, this.#wait);
      this.#timer = setTimeout(() => this.start(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LATEST);
    });
  }

  /** A question of `supervised.ts`; what is asked of a part that has just died is lost. */
  ask(question: string): void {
    if (this.#child?.connected) this.#child.send(question, () => {});
  }

  /** SIGTERM, and SIGKILL after `ms` milliseconds. Resolves when the process is gone. */
  async stop(ms: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), ms);
    await gone;
    clearTimeout(last);
  }

  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
    this.#child?.kill('SIGKILL');
  }
}

const SECRET_NAMES = ['CARREL_DATABASE', 'CARREL_DATABASE_FILE', 'CARREL_METRICS_TOKEN', 'CARREL_METRICS_TOKEN_FILE'];

/** The warden has no use for the database and the port of the metrics, and so not their secrets. */
function environmentOf(part: Part): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: compileCacheFolder, ...process.env };
  if (part === 'warden') for (const name of SECRET_NAMES) delete environment[name];
  return environment;
}
