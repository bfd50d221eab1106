import { expect, test } from 'vitest';
import { ManualClock } from '../base/clock.ts';
import { silentLogger } from '../base/ports.ts';
import type { WardenFacts } from '../sandbox/warden-client.ts';
import { ReadinessCheck } from './readiness.ts';

const status = async () => ({
  engine: { available: true, message: 'docker' },
  memory: { used: 0, share: 0 },
  sandboxes: { used: 0, share: 0 },
  pools: [],
});

test('HE4 many who ask within a second make one write and one question to the warden', async () => {
  const clock = new ManualClock();
  const calls = { beat: 0, status: 0 };
  const store = {
    beat: async () => {
      calls.beat += 1;
    },
  };
  const warden: Pick<WardenFacts, 'status'> = {
    status: () => {
      calls.status += 1;
      return status();
    },
  };
  const check = new ReadinessCheck({ store, warden, policies: [], clock, logger: silentLogger });
  await Promise.all(Array.from({ length: 100 }, () => check.read()));
  expect(calls).toEqual({ beat: 1, status: 1 });
  clock.advance(1000);
  await check.read();
  expect(calls).toEqual({ beat: 2, status: 2 });
});

test('HE4 a store and a warden that hang are answered for all the same', async () => {
  const never = () => new Promise<never>(() => {});
  const parts = { store: { beat: never }, warden: { status: never }, policies: ['a'] };
  const { ready, checks } = await new ReadinessCheck({
    ...parts,
    clock: new ManualClock(),
    logger: silentLogger,
  }).read();
  expect(ready).toBe(false);
  expect(checks.filter(({ passed }) => !passed).map(({ check }) => check)).toEqual(['store', 'warden', 'engine']);
  expect(checks[0]?.message).toContain('took longer than 3 s');
});
