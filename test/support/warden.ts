/** A warden on the fake engine, with a clock that tests move. */
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '../../gateway/src/base/clock.ts';
import { isPolicyName, isWorksheetId, type PolicyName, type WorksheetId } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import type { LoadedPolicies } from '../../gateway/src/config/load-policies.ts';
import { type Policy, siteSchema } from '../../gateway/src/config/policy.ts';
import type { Engine, EngineFacts } from '../../gateway/src/engine/engine.ts';
import { type FakeProgram, greetAndEcho } from '../../gateway/src/engine/fake-container.ts';
import { FakeEngine } from '../../gateway/src/engine/fake-engine.ts';
import { type JournalRecord, replay } from '../../gateway/src/warden/journal-records.ts';
import type { Queued } from '../../gateway/src/warden/opens.ts';
import { Warden } from '../../gateway/src/warden/warden.ts';
import type { SandboxModel, WardenEvent } from '../../gateway/src/wire/warden-api.ts';
import { samplePolicy } from '../contract/sample-policy.ts';

export const LEASE = 9 * 60_000;
export const MiB = 2 ** 20;

export function policyName(text: string): PolicyName {
  if (!isPolicyName(text)) throw new Error(`${text} is no policy name`);
  return text;
}

export function worksheetId(text: string): WorksheetId {
  if (!isWorksheetId(text)) throw new Error(`${text} is no worksheet id`);
  return text;
}

/** A policy of 64 MiB without a pool, unless told otherwise. */
export const policy = (name: string, changes: Partial<Policy> = {}): Policy =>
  samplePolicy({ name: policyName(name), image: 'carrel-kernel', ...changes });

export const pool = (min: number, max = min, refillAt = max) => ({ pool: { min, max, refillAt } });

export function loaded(policies: Policy[], share: { memory: number; sandboxes: number }): LoadedPolicies {
  const site = siteSchema.parse({
    default: 'sample',
    share,
    ceiling: {
      memory: '4 GiB',
      cpus: 4,
      pids: 512,
      openFiles: 4096,
      life: '2 d',
      cell: '12 h',
      perCell: '64 MiB',
      files: '1 GiB',
      pool: 50,
    },
    uids: { first: 200_000, count: 1000 },
    perPerson: 40,
  });
  const byName = new Map(policies.map((each) => [each.name, each]));
  return { policies: byName, site, seccomp: new Map([['worksheet', '{}']]) };
}

interface Options {
  readonly policies?: Policy[];
  readonly share?: { memory: number; sandboxes: number };
  readonly facts?: Partial<EngineFacts>;
  readonly program?: FakeProgram;
}

/** The engine, the journal and the clock outlive the warden. */
export class WardenStage {
  readonly engine: FakeEngine;
  readonly clock = new ManualClock(1_000_000);
  readonly records: JournalRecord[] = [];
  readonly events: WardenEvent[] = [];
  warden: Warden;
  policies: LoadedPolicies;
  instance = 'a'.repeat(16);
  #journalFails = false;
  /** The number of the warden that may still write; an earlier one was killed. */
  #life = 0;

  constructor({ policies = [policy('sample')], share, facts, program = greetAndEcho }: Options = {}) {
    this.engine = new FakeEngine({ ...(facts && { facts }) });
    /** The isolation probe runs a script in the container; ABI 7 is its answer. */
    this.engine.program = (process) => (process.plan.name.includes('probe') ? process.exit(7) : program(process));
    this.policies = loaded(policies, share ?? { memory: 1024 * MiB, sandboxes: 100 });
    this.warden = this.#make();
  }

  set journalFails(fails: boolean) {
    this.#journalFails = fails;
  }

  async start(): Promise<this> {
    this.warden.start();
    await this.settle();
    return this;
  }

  /** As by SIGKILL: its streams to the engine are closed, it does and writes nothing any more; then a new warden starts. */
  async restart(meanwhile: () => void = () => {}): Promise<void> {
    this.#life += 1;
    for (const container of this.engine.containers.values()) container.cutStreams();
    meanwhile();
    this.warden = this.#make();
    await this.start();
  }

  /** Until nothing moves that does not wait for the clock. */
  async settle(): Promise<void> {
    for (let count = 0; count < 60; count += 1) await turn();
  }

  async advance(ms: number): Promise<void> {
    const steps = Math.max(1, Math.min(60, Math.ceil(ms / 50)));
    for (let step = 0; step < steps; step += 1) {
      this.clock.advance(ms / steps);
      await this.settle();
    }
  }

  open(worksheet: string, name = 'sample', signal = new AbortController().signal): Opening {
    return new Opening(this.warden, worksheet, name, signal);
  }

  containerOf(sandbox: { id: string }) {
    const container = this.engine.named(`carrel-${sandbox.id}`);
    if (container === undefined) throw new Error(`no container of the sandbox ${sandbox.id}`);
    return container;
  }

  poolOf(name = 'sample') {
    const found = this.warden.status().pools.find((each) => each.policy === name);
    if (found === undefined) throw new Error(`no pool of the policy ${name}`);
    return found;
  }

  #make(): Warden {
    const life = this.#life;
    const warden = new Warden({
      engine: mortal(this.engine, () => life === this.#life),
      policies: this.policies,
      journal: {
        append: (record) => {
          if (life !== this.#life) return;
          if (this.#journalFails) throw new Error('the disk is full');
          this.records.push(structuredClone(record));
        },
      },
      content: replay(this.records),
      clock: this.clock,
      logger: silentLogger,
      instance: this.instance,
      lease: LEASE,
      orphanSeconds: 600,
    });
    warden.subscribe((event) => void this.events.push(event));
    return warden;
  }
}

/** The engine as a process sees it that may be killed: from then on none of its calls has an effect or an answer. */
function mortal(engine: FakeEngine, alive: () => boolean): Engine {
  return new Proxy(engine, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => (alive() ? method.apply(target, args) : new Promise(() => {}));
    },
  });
}

/** An open on its way, and what was told about it. */
export class Opening {
  readonly queued: Queued[] = [];
  readonly done: Promise<SandboxModel>;
  outcome: SandboxModel | Error | undefined;

  constructor(warden: Warden, worksheet: string, name: string, signal: AbortSignal) {
    const request = { policy: policyName(name), worksheet: worksheetId(worksheet) };
    this.done = warden.open(request, (progress) => void this.queued.push(progress), signal);
    this.done.then(
      (model) => {
        this.outcome = model;
      },
      (error: Error) => {
        this.outcome = error;
      },
    );
  }

  get opened(): SandboxModel {
    if (this.outcome === undefined || this.outcome instanceof Error) throw new Error(`not opened: ${this.outcome}`);
    return this.outcome;
  }
}
