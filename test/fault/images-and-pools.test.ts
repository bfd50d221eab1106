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
    ['absent-pool', 'dying-pool'].every((policy) => failuresOf(policy).length > 0),
  );
  await until('three tries', () => triesOf('dying-pool').length >= 3);
  const [first = 0, second = 0, third = 0] = triesOf('dying-pool');
  /** WP5: doubled by each failed start; the starts themselves are in the pauses. */
  expect((third - second) / (second - first)).toBeGreaterThan(1.3);
});

/** When the warden said that a sandbox of the policy could not be started; milliseconds. */
const failuresOf = (policy: string): number[] =>
  carrel
    .log()
    .split('\n')
    .filter((line) => line.includes('a sandbox could not be started') && line.includes(`"policy":"${policy}"`))
    .map((line) => Number(new Date(JSON.parse(line.slice(line.indexOf('{'))).time)));

/** Two that fail together are one try of the pool. */
const triesOf = (policy: string): number[] =>
  failuresOf(policy).filter((at, i, all) => i === 0 || at - (all[i - 1] ?? 0) > 500);

test('afterwards everything is back', () =>
  host.backTo({ ...before, containers: before.containers + pool.max, cgroups: 1000 }));
