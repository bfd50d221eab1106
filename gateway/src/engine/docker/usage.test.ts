import { expect, test } from 'vitest';
import { usageOf } from './usage.ts';

test('AD4 what the kernel could give back at once is not counted, on both cgroup versions', () => {
  const cpu_stats = { cpu_usage: { total_usage: 2_500_000_000 } };
  expect(
    usageOf({ memory_stats: { usage: 100, stats: { total_inactive_file: 30, inactive_file: 7 } }, cpu_stats }),
  ).toEqual({
    memory: 70,
    cpuSeconds: 2.5,
  });
  expect(usageOf({ memory_stats: { usage: 100, stats: { inactive_file: 40 } }, cpu_stats })?.memory).toBe(60);
});

test('AD4 a container that does not run has no use', () => {
  expect(usageOf({ memory_stats: {}, cpu_stats: {} })).toBeUndefined();
});
