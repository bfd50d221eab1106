import { expect, test } from 'vitest';
import { ManualClock } from '../base/clock.ts';
import { newSandboxId } from '../base/ids.ts';
import type { ContainerUsage } from '../engine/engine.ts';
import { UsageSampler } from './usage.ts';

const [one, two] = [newSandboxId(), newSandboxId()];

test('AD4 memory at the first look, processors from the second on, and the engine is not asked again at once', async () => {
  const clock = new ManualClock();
  let cpuSeconds = 10;
  let calls = 0;
  const usage = async (): Promise<ContainerUsage> => {
    calls += 1;
    return { memory: 1000, cpuSeconds };
  };
  const sampler = new UsageSampler({ usage }, clock, () => [{ id: one, containerId: 'c1' }]);
  expect(await sampler.read()).toEqual([{ id: one, memory: 1000 }]);
  expect(await Promise.all([sampler.read(), sampler.read()])).toHaveLength(2);
  expect(calls).toBe(1);
  clock.advance(4000);
  cpuSeconds = 12;
  expect(await sampler.read()).toEqual([{ id: one, memory: 1000, cpus: 0.5 }]);
});

test('AD4 a container that cannot be asked, or is gone, is left out', async () => {
  const usage = async (id: string) => {
    if (id === 'away') throw new Error('the engine is away');
    return id === 'gone' ? undefined : { memory: 5, cpuSeconds: 1 };
  };
  const running = [
    { id: one, containerId: 'away' },
    { id: newSandboxId(), containerId: 'gone' },
    { id: two, containerId: 'here' },
  ];
  expect(await new UsageSampler({ usage }, new ManualClock(), () => running).read()).toEqual([{ id: two, memory: 5 }]);
});
