/**
 * What the sandboxes use, asked of the engine only when somebody looks: one round at a time, some containers at once, and what
 * was found is good for a while. A container that cannot be asked is left out.
 */
import type { Clock } from '../base/clock.ts';
import type { SandboxId } from '../base/ids.ts';
import { Scope } from '../base/scope.ts';
import type { ContainerUsage, Engine } from '../engine/engine.ts';
import type { SandboxUsage } from '../wire/warden-api.ts';

/** Milliseconds. */
const FRESH = 2000;
const ROUND = 8000;
/** Two looks that lie further apart say nothing about now. */
const STALE = 60_000;
const AT_ONCE = 8;

export interface RunningContainer {
  readonly id: SandboxId;
  readonly containerId: string;
}

interface Look {
  readonly at: number;
  readonly usage: ContainerUsage;
}

export class UsageSampler {
  readonly #engine: Pick<Engine, 'usage'>;
  readonly #clock: Clock;
  readonly #running: () => readonly RunningContainer[];
  #looks = new Map<SandboxId, Look>();
  #found: readonly SandboxUsage[] = [];
  #foundAt = Number.NEGATIVE_INFINITY;
  #round: Promise<void> | undefined;

  constructor(engine: Pick<Engine, 'usage'>, clock: Clock, running: () => readonly RunningContainer[]) {
    this.#engine = engine;
    this.#clock = clock;
    this.#running = running;
  }

  /** Never fails: an engine that is away leaves all out. */
  async read(): Promise<readonly SandboxUsage[]> {
    if (this.#clock.now() - this.#foundAt < FRESH) return this.#found;
    this.#round ??= this.#look().finally(() => {
      this.#round = undefined;
    });
    await this.#round;
    return this.#found;
  }

  async #look(): Promise<void> {
    const waiting = [...this.#running()];
    const scope = Scope.withDeadline('counting what the sandboxes use', ROUND);
    const looks = new Map<SandboxId, Look>();
    const found: SandboxUsage[] = [];
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined && !scope.signal.aborted; next = waiting.pop()) {
        const usage = await this.#engine.usage(next.containerId, scope).catch(() => undefined);
        if (usage === undefined) continue;
        const look = { at: this.#clock.now(), usage };
        looks.set(next.id, look);
        found.push({ id: next.id, memory: usage.memory, ...rateOf(this.#looks.get(next.id), look) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.#looks = looks;
    this.#found = found;
    this.#foundAt = this.#clock.now();
  }
}

/** Processors in use between two looks; nothing after the first one. */
function rateOf(before: Look | undefined, now: Look): { cpus?: number } {
  if (before === undefined || now.at <= before.at || now.at - before.at > STALE) return {};
  const seconds = now.usage.cpuSeconds - before.usage.cpuSeconds;
  return seconds < 0 ? {} : { cpus: Math.round((seconds / (now.at - before.at)) * 1_000_000) / 1000 };
}
