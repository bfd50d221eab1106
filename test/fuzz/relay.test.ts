/**
 * Clients that come, go, confirm and ask at random, over a kernel that prints numbered lines. FUZZ_SEED repeats a run.
 * For every session: what it received, repetitions left out, is in order; what it confirmed never comes again; and a client that
 * is there at the end, or comes back by its session_id, has missed nothing since it first came.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelId } from '../../gateway/src/base/ids.ts';
import type { KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { type FakeClient, turns, World } from '../support/kernel-world.ts';

const seed = process.env['FUZZ_SEED'] === undefined ? Date.now() % 2 ** 31 : Number(process.env['FUZZ_SEED']);
const names = ['a', 'b', 'c'] as const;

type Step =
  | { readonly do: 'come' | 'leave' | 'confirm' | 'stall'; readonly who: (typeof names)[number] }
  | { readonly do: 'print' | 'break' };

const who = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('print' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('come', 'leave', 'confirm', 'stall'), who }) },
);

class Run {
  readonly world = new World({ idle: 3_600_000 });
  readonly present = new Map<string, FakeClient>();
  /** First line that each session may count on, and all that its sockets received. */
  readonly since = new Map<string, number>();
  readonly seen = new Map<string, number[]>();
  id: KernelId | undefined;
  request: KernelMessage | undefined;
  printed = 0;

  async begin(): Promise<void> {
    const { id, client } = await this.world.open('asker');
    this.id = id;
    this.world.agent.cells.set('forever', (_, request) => {
      this.request = request;
    });
    client.execute('forever');
    await turns();
  }

  async step(step: Step): Promise<void> {
    const { agent } = this.world;
    if (step.do === 'print' && this.request !== undefined) agent.print(`${++this.printed}`, this.request);
    if (step.do === 'break') {
      agent.drop();
      await turns(2);
      await this.world.pass(3000);
    }
    if ('who' in step) this.client(step.do, step.who);
    await turns(4);
  }

  client(what: string, name: string): void {
    const there = this.present.get(name);
    if (what === 'come' && this.id !== undefined) {
      if (there !== undefined) this.gather(name, there);
      if (!this.since.has(name)) this.since.set(name, this.printed);
      this.present.set(name, this.world.connect(this.id, name));
    } else if (what === 'leave' && there !== undefined) {
      there.leave();
      this.gather(name, there);
      this.present.delete(name);
    } else if (what === 'confirm') {
      if (there !== undefined) there.confirming = true;
      there?.confirm();
    } else if (what === 'stall' && there !== undefined) {
      there.confirming = false;
    }
  }

  gather(name: string, client: FakeClient): void {
    const streams = client.received.filter((message) => message.header.msg_type === 'stream');
    const lines = streams.map((message) => Number(message.content['text']));
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    this.seen.set(name, [...(this.seen.get(name) ?? []), ...lines]);
  }
}

describe(`fuzz, FUZZ_SEED=${seed}`, () => {
  it('RL11 RL12 RL14 nothing is lost and nothing is out of order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const run = new Run();
        await run.begin();
        for (const each of steps) await run.step(each);
        for (const name of names) if (run.since.has(name)) run.client('come', name);
        await run.world.pass(3000);
        for (const [name, client] of run.present) run.gather(name, client);
        for (const [name, since] of run.since) {
          const expected = Array.from({ length: run.printed - since }, (_, i) => since + 1 + i);
          const got = [...new Set(run.seen.get(name))].sort((a, b) => a - b).filter((line) => line > since);
          expect(got, name).toEqual(expected);
        }
        run.world.registry.detach();
      }),
      { seed, numRuns: 60 },
    );
  });
});
