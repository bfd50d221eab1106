/** Policies that cannot work on this host: people are told why, and the others are not affected. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { openKernel, rest } from '../support/jupyter.ts';
import { buildHostileImage, HOSTILE_IMAGE } from './support/docker.ts';
import { type Holdings, Host } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';
import { until } from './support/until.ts';

let policies: PolicyFolder;
let carrel: Carrel;
let host: Host;
let before: Holdings;

const pool = { min: 2, refillAt: 2, max: 2 };

beforeAll(async () => {
  await buildHostileImage();
  policies = await policyFolder({
    absent: { image: 'carrel-test-absent' },
    'absent-pool': { image: 'carrel-test-absent', pool },
    'dying-pool': { image: HOSTILE_IMAGE, environment: { HOSTILE: 'dies-at-once' }, pool },
    unstartable: { image: HOSTILE_IMAGE, environment: { HOSTILE: 'dies-at-once' } },
  });
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  host = await Host.of(carrel);
  before = await host.holdings();
});

afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
});

test('an image that is missing: the answer names image and policy, also where a pool is wanted', async () => {
  for (const policy of ['absent', 'absent-pool']) {
    const answer = await rest(carrel, 'POST', '/api/kernels', { name: `python3-${policy}` });
    expect(answer.status).toBe(503);
    expect(answer.json.message).toContain('carrel-test-absent');
  }
});

test('a sandbox that ends before it is of use: the answer says so', async () => {
  const answer = await rest(carrel, 'POST', '/api/kernels', { name: 'python3-unstartable' });
  expect(answer.status).toBe(503);
  expect(answer.json.message).not.toMatch(/unexpected condition/);
});

test('a pool that cannot be filled is named in the log and tried ever more rarely; other policies work', async () => {
  await using kernel = await openKernel(carrel);
  expect((await kernel.run('print(1 + 1)')).text).toBe('2\n');
  await until('the log names the pools', () =>
    ['absent-pool', 'dying-pool'].every((name) => carrel.log().includes(name)),
  );
  const made = new Set<string>();
  const end = Date.now() + 5000;
  while (Date.now() < end) {
    for (const id of await host.containers('dying-pool')) made.add(id);
    await new Promise((next) => setTimeout(next, 100));
  }
  expect(made.size, 'sandboxes tried within 5 s').toBeLessThan(20);
});

test('afterwards everything is back', () =>
  host.backTo({ ...before, containers: before.containers + pool.max, cgroups: 1000 }));
