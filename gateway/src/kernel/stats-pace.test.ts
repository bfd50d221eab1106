import { describe, expect, it } from 'vitest';
import { owner, turns, World } from '../../../test/support/kernel-world.ts';
import type { Stats } from '../wire/agent-control.ts';
import { StatsPace } from './stats-pace.ts';

const LIMIT = 256_000;
const stats = (usec: number, used = 1000): Stats => ({
  type: 'stats',
  memory: { used, peak: used, limit: LIMIT },
  cpu: { usec },
  pids: { used: 1, limit: 10 },
  oomKills: 0,
});

describe('RL42 the sandbox is asked what it uses', () => {
  it('often while the kernel is busy and for a while after, seldom at rest, not at all without a client', () => {
    const pace = new StatsPace();
    pace.watched(0);
    expect(pace.next(true, false, 0)).toBe(2);
    expect(pace.next(true, false, 9999)).toBeUndefined();
    expect(pace.next(true, false, 10_000)).toBe(30);
    expect(pace.next(true, true, 50_000)).toBe(2);
    expect(pace.next(true, false, 59_999)).toBeUndefined();
    expect(pace.next(true, false, 60_000)).toBe(30);
    expect(pace.next(false, false, 61_000)).toBe(0);
    expect(pace.next(false, true, 62_000)).toBeUndefined();
  });

  it.each([
    ['a thread that computes', stats(3_000_000), 2],
    ['memory that grows', stats(10_000, 2001), 2],
    ['little of both', stats(10_000, 1999), undefined],
  ])('%s between two answers counts accordingly', (_, second, asked) => {
    const pace = new StatsPace();
    expect(pace.next(true, false, 0)).toBe(30);
    pace.heard(stats(0), 0);
    pace.heard(second, 30_000);
    expect(pace.next(true, false, 30_000)).toBe(asked);
  });

  it('again on another stream', () => {
    const pace = new StatsPace();
    expect(pace.next(true, false, 0)).toBe(30);
    pace.attached();
    expect(pace.next(true, false, 0)).toBe(30);
  });

  it('by the registry, which looks at all kernels once a second, and tells who listens what came', async () => {
    const world = new World();
    const { id } = await world.open('a');
    const told: string[] = [];
    world.registry.onUsage((kernel) => told.push(kernel));
    const asked = () => world.agent.controls.flatMap((body) => (body.type === 'stats' ? [body.every] : []));
    await world.pass(12_000);
    expect(asked()).toEqual([2, 30]);
    world.agent.cells.set('long', () => {});
    world.connect(id, 'b').execute('long');
    await turns();
    await world.pass(2000);
    expect(asked()).toEqual([2, 30, 2]);
    world.agent.control(stats(1));
    await turns();
    expect(told).toEqual([id]);
    expect(world.registry.usage(owner, id)?.cpu.usec).toBe(1);
  });
});
