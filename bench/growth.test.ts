/** A small run of the growth benchmark's stage: every kernel opens, answers and ends, and both processes tell what they used. */
import { expect, test } from 'vitest';
import { Stage } from './growth/stage.ts';

test('ten, then a hundred kernels with one socket each answer every cell', async () => {
  await using stage = await Stage.open({ kernels: 100, pool: 5, startMs: 1 });
  for (const more of [10, 90]) {
    expect(await stage.ask({ do: 'open', count: more, atOnce: 5 })).toHaveLength(more);
    expect(await stage.ask({ do: 'execute', count: 100, code: '1+1' })).toHaveLength(100);
  }
  expect(await stage.ask({ do: 'execute', count: 1, code: 'print 3000000' })).toHaveLength(1);
  const { gateway, warden } = await stage.usage();
  for (const used of [gateway, warden])
    for (const value of Object.values(used)) expect(value).toEqual(expect.any(Number));
  expect(gateway.cpu).toBeGreaterThan(0);
  expect(await stage.ask({ do: 'close', count: 100 })).toEqual(Array(100).fill(204));
});

test('the same kernel answers with nothing between', async () => {
  await using stage = await Stage.open({ kernels: 1, pool: 0, startMs: 0 });
  await stage.ask({ do: 'open', count: 1, atOnce: 1 }, 'direct');
  expect(await stage.ask({ do: 'execute', count: 20, code: '1+1' }, 'direct')).toHaveLength(20);
});
