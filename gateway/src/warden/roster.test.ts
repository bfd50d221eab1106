/** Whatever happens to sandboxes, the roster answers what a look at each of them would. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PolicyName, SandboxId, WorksheetId } from '../base/ids.ts';
import { Roster } from './roster.ts';
import { apply, isLive, plannedSandbox, type Sandbox, type SandboxEvent } from './sandbox-state.ts';

const policies = ['one', 'two'] as PolicyName[];
const event = (id: number): fc.Arbitrary<SandboxEvent | 'forget'> =>
  fc.constantFrom<SandboxEvent | 'forget'>(
    { type: 'begin' },
    { type: 'created', containerId: `container ${id}` },
    { type: 'started' },
    { type: 'attached' },
    { type: 'ready' },
    { type: 'claim', worksheet: `worksheet ${id}` as WorksheetId, pooled: true, at: 5 },
    { type: 'exited', exitCode: 1, at: 6, withEngine: false },
    { type: 'end', reason: 'closed' },
    'forget',
  );
const history = fc.array(
  fc.nat(5).chain((id) => event(id).map((what) => ({ id, what }))),
  { maxLength: 120 },
);

const planned = (id: number): Sandbox =>
  plannedSandbox({
    ...{ id: `sandbox ${id}` as SandboxId, policy: policies[id % 2] ?? policies[0], uid: 1000 + id, memory: 2 ** id },
    ...{ life: 1000, print: '', createdAt: 0 },
  } as Sandbox['facts']);

test('it answers as a look at each sandbox does', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const roster = new Roster();
      const all = new Map<number, Sandbox>();
      for (const { id, what } of steps) {
        const before = all.get(id);
        let after: Sandbox | undefined = planned(id);
        if (before !== undefined && what !== 'forget') {
          const applied = apply(before, what);
          after = applied.result === 'applied' ? applied.sandbox : before;
        } else if (before !== undefined) after = undefined;
        roster.change(before, after);
        if (after === undefined) all.delete(id);
        else all.set(id, after);
      }
      const sandboxes = [...all.values()];
      const live = sandboxes.filter(isLive);
      const sum = (some: Sandbox[]) => some.reduce((total, { facts }) => total + facts.memory, 0);
      expect(roster.live).toEqual({ memory: sum(live), sandboxes: live.length });
      expect(roster.begunMemory).toBe(sum(sandboxes.filter(({ state }) => state !== 'planned')));
      for (const policy of policies)
        expect(roster.unclaimed(policy)).toEqual(
          live.filter(({ facts, claim }) => facts.policy === policy && claim === undefined),
        );
      expect(new Set(roster.policies())).toEqual(
        new Set(live.flatMap(({ facts, claim }) => (claim === undefined ? facts.policy : []))),
      );
      for (let id = 0; id <= 5; id += 1) {
        const mine = all.get(id);
        expect(roster.uids.has(1000 + id)).toBe(mine !== undefined);
        expect(roster.of(`worksheet ${id}` as WorksheetId)).toBe(
          mine?.claim !== undefined && isLive(mine) ? mine.facts.id : undefined,
        );
        expect(roster.byContainer(`container ${id}`)).toBe(
          mine?.observed.containerId === undefined ? undefined : mine.facts.id,
        );
      }
    }),
  );
});
