import { expect, test } from 'vitest';
import type { Stats } from '../wire/agent-control.ts';
import { postMortemText, readPostMortem } from '../wire/memory-facts.ts';
import { KernelMemory } from './kernel-memory.ts';

const LIMIT = 1000;
const stats = (used: number, limit = LIMIT): Stats => ({
  type: 'stats',
  memory: { used, peak: used, limit },
  cpu: { usec: 1 },
  pids: { used: 1, limit: 10 },
  oomKills: 0,
});
const failure = { ename: 'OutOfMemory', evalue: 'out of memory', peak: 990 };
const big = { name: 'big', type: 'list', size: 700 };

const told = (): KernelMemory => {
  const memory = new KernelMemory({ name: 'small' as never, memory: LIMIT });
  memory.meets('carrel_kernel');
  return memory;
};

test('RL40 memory is short from 80 % of its limit until it is below 75 %', () => {
  const memory = told();
  const short = (used: number) => {
    memory.heard(stats(used));
    return memory.usage?.short !== undefined;
  };
  expect([790, 800, 760, 749, 790, 900].map(short)).toEqual([false, true, true, false, false, true]);
});

test('RL40 the kernel is asked for its variables when memory becomes short, when it has grown, and never twice at once', () => {
  const memory = told();
  const asked = (used: number) => memory.heard(stats(used));
  expect([700, 810, 900].map(asked)).toEqual([false, true, false]);
  memory.told({ variables: [big] });
  expect(memory.usage?.short).toEqual({ variables: [big] });
  expect([820, 900].map(asked)).toEqual([false, true]);
});

test('RL40 one that cannot tell is not asked, and that is said', () => {
  const memory = told();
  memory.meets('ipython');
  expect(memory.heard(stats(900))).toBe(false);
  expect(memory.usage?.short).toEqual({ variables: 'kernel' });
  expect(memory.explain(failure, true).postMortem?.variables).toBe('kernel');
});

test('RL41 what was known is told when memory ran out, also where the sandbox has told of the memory that came free', () => {
  const memory = told();
  memory.heard(stats(900));
  memory.told({ variables: [big] });
  memory.heard(stats(50));
  expect(memory.explain(failure, true).postMortem).toEqual({
    ...{ policy: 'small', limit: LIMIT, peak: 990, again: true },
    variables: [big],
  });
  for (const used of [50, 50]) memory.heard(stats(used));
  expect(memory.explain(failure, true).postMortem?.variables).toBe('sudden');
});

test('RL41 another kernel knows nothing of what the last one had; other deaths are told as they are', () => {
  const memory = told();
  memory.heard(stats(900));
  memory.told({ variables: [big] });
  memory.forget();
  expect(memory.usage?.short).toBeUndefined();
  expect(memory.explain(failure, false).postMortem?.variables).toBe('sudden');
  expect(memory.explain({ ename: 'KernelDied', evalue: '' }, false)).toEqual({ ename: 'KernelDied', evalue: '' });
});

test('RL41 a runtime that shows no limit has that of the policy', () => {
  const memory = told();
  memory.heard(stats(900, 0));
  expect(memory.usage?.memory.limit).toBe(LIMIT);
  expect(memory.usage?.short).toBeDefined();
});

test('what a kernel says of its variables is bounded, and a post-mortem of a notebook is read with care', () => {
  const memory = told();
  memory.heard(stats(900));
  const many = Array.from({ length: 50 }, (_, n) => ({ name: `v${n}`.repeat(100), type: 'a\u001bb', size: 5 }));
  memory.told({ variables: [{ name: 7 }, 'x', ...many] });
  const { variables } = memory.usage?.short ?? {};
  expect(variables?.length).toBeLessThanOrEqual(10);
  expect(variables?.[0]).toEqual({ name: 'v0'.repeat(40), type: 'a\ufffdb', size: 5 });
  for (const value of [null, 'text', [], {}, { limit: -1 }]) expect(readPostMortem(value)).toBeUndefined();
  const text = postMortemText({ policy: 'small', limit: 2 ** 28, peak: 2 ** 28, variables: [big], again: true });
  expect(text).toContain('256 MiB (policy small)');
  expect(text).toMatch(/0\.7 KiB {2}big {2}\(list\)/);
});
