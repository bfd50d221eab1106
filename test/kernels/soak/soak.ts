/** The long run: people at kernels of one Carrel, each doing one random act after the other; at times everything is measured. */
import { policyFolder } from '../../fault/support/policies.ts';
import { startCarrel } from '../../support/carrel.ts';
import { openKernel } from '../../support/jupyter.ts';
import { acts } from './acts.ts';
import { Desk } from './desk.ts';
import { Dice } from './dice.ts';
import { type Finding, findingsOf } from './growth.ts';
import { BIRTH, type Sample, sampleOf } from './watch.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly kernel: string;
  readonly image: string;
  readonly desks: number;
  /** Mean pause between two acts in milliseconds. */
  readonly pause: number;
  readonly print: (line: string) => void;
}

export interface SoakResult {
  readonly counts: Record<string, number>;
  /** How often each act was done. */
  readonly acts: Record<string, number>;
  readonly samples: readonly Sample[];
  readonly findings: readonly Finding[];
}

const SAMPLES = 60;
const LEAST_BETWEEN_MS = 2000;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, seed, print } = options;
  await using policies = await policyFolder({ standard: { image: options.image } });
  await using carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  const desks: Desk[] = [];
  const done: Record<string, number> = {};
  const samples: Sample[] = [];
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const between = Math.max(LEAST_BETWEEN_MS / 1000, seconds / SAMPLES);
  try {
    for (let n = 0; n < options.desks; n += 1)
      desks.push(new Desk(carrel, await openKernel(carrel, { name: options.kernel }), new Dice(seed + n)));
    await Promise.all(desks.map((desk) => desk.warmUp()));
    while (elapsed() < seconds) {
      const until = Math.min(seconds, elapsed() + between);
      await Promise.all(desks.map((desk, n) => work(desk, `desk ${n}`, () => elapsed() < until, options.pause, done)));
      const sample = await sampleOf(carrel, elapsed(), await births(desks));
      samples.push(sample);
      print(lineOf(sample, desks));
    }
  } catch (error) {
    print(carrel.log().slice(-4000));
    throw error;
  } finally {
    for (const { kernel } of desks) await kernel[Symbol.asyncDispose]();
  }
  return { counts: total(desks), acts: done, samples, findings: findingsOf(samples) };
}

async function work(desk: Desk, name: string, goOn: () => boolean, pause: number, done: Record<string, number>) {
  while (goOn()) {
    const act = desk.dice.weighted(acts);
    try {
      desk.trail.push(act.name);
      await act.run(desk);
      desk.settle();
    } catch (error) {
      const last = desk.kernel.messages
        .slice(-12)
        .map((message) =>
          JSON.stringify([
            message.channel,
            message.header.msg_type,
            message.parent_header.msg_id,
            message.content,
          ]).slice(0, 300),
        );
      throw new Error(
        `${name}, act ${desk.counts.acts}, after ${desk.trail.slice(-8).join(', ')}: ${(error as Error).message}\n${last.join('\n')}`,
        { cause: error },
      );
    }
    desk.counts.acts += 1;
    done[act.name] = (done[act.name] ?? 0) + 1;
    await new Promise((next) => setTimeout(next, desk.dice.integer(0, 2 * pause)));
  }
}

async function births(desks: readonly Desk[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const desk of desks) {
    const { text } = await desk.run(BIRTH, { store_history: false });
    desk.settle();
    found.set(text.trim(), desk.cells);
  }
  return found;
}

function total(desks: readonly Desk[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { counts } of desks)
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function lineOf({ at, gateway, warden, agents, kernels }: Sample, desks: readonly Desk[]): string {
  const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const { acts: number = 0, cells = 0 } = total(desks);
  const each = kernels.map(
    (kernel) => `${mb(kernel.memory)} MB ${kernel.fds} fds ${kernel.threads} threads after ${kernel.cells} cells`,
  );
  return [
    `${at.toFixed(0)} s: ${number} acts, ${cells} cells`,
    `gateway ${mb(gateway.memory)} MB ${gateway.fds} fds`,
    `warden ${mb(warden.memory)} MB ${warden.fds} fds`,
    `agents ${agents.map((agent) => `${mb(agent.memory)} MB ${agent.fds} fds`).join(', ')}`,
    `kernels ${each.join(', ')}`,
  ].join(' · ');
}
