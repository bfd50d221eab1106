/** The attacks can succeed: in a container as one starts it without a thought, every one of them does. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks, type Expected } from './catalogue.ts';
import { kernelImage } from './image.ts';
import { attack } from './judge.ts';
import { newMarks } from './source.ts';
import { WeakStage } from './weak-stage.ts';

const network = `isolation-weak-${process.pid}`;
const docker = new Docker();
const stages = new Map<Expected['variant'], WeakStage>();

beforeAll(async () => {
  await docker.createNetwork({ Name: network, Internal: true, CheckDuplicate: true });
});

afterAll(async () => {
  for (const stage of stages.values()) await stage[Symbol.asyncDispose]();
  await docker.getNetwork(network).remove();
});

const marks = newMarks();
const variants = {
  network: { network },
  'shared-user': { user: '4242:4242' },
  unconfined: { seccomp: 'unconfined' },
  raw: { raw: true },
} as const;

function stageOf(variant: Expected['variant']): WeakStage {
  const known = stages.get(variant);
  if (known !== undefined) return known;
  const limits = { memoryMib: 512, cpus: 1, outputBytes: 64 * 2 ** 20 };
  const stage = new WeakStage({ image: kernelImage(), marks, limits, ...(variant ? variants[variant] : {}) });
  stages.set(variant, stage);
  return stage;
}

test('every attack of the folder stands in the catalogue', () => {
  const files = readdirSync(join(import.meta.dirname, 'attacks')).filter((name) => /^[a-z].*\.py$/.test(name));
  expect(attacks.map(({ name }) => `${name}.py`).sort()).toEqual(files.sort());
});

describe.each(Object.entries(Object.groupBy(attacks, ({ kind }) => kind)))('%s', (_, entries = []) => {
  test.each(entries.map((entry) => [entry.name, entry] as const))('%s', async (name, { variant }) => {
    const verdict = await attack(stageOf(variant), name, marks);
    expect(verdict.holes, verdict.evidence).not.toEqual([]);
  });
});
