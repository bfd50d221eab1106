/** The attacks can succeed: in a container as one starts it without a thought, every one of them does (docs/spec/attack.md). */
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attack, attacks } from '../../gateway/src/attack/catalogue.ts';
import { attack } from '../../gateway/src/attack/judge.ts';
import { newMarks } from '../../gateway/src/attack/source.ts';
import { kernelImage } from './image.ts';
import { WeakStage } from './weak-stage.ts';

const network = `isolation-weak-${process.pid}`;
const docker = new Docker();
const stages = new Map<Attack['variant'], WeakStage>();
const seen = new Set<string>();

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
  admin: { admin: true },
  raw: { raw: true },
} as const;

function stageOf(variant: Attack['variant']): WeakStage {
  const known = stages.get(variant);
  if (known !== undefined) return known;
  const limits = { memoryMib: 512, cpus: 1, pids: 128, openFiles: 1024, inodes: 8192, outputBytes: 64 * 2 ** 20 };
  const stage = new WeakStage({ image: kernelImage(), marks, limits, ...(variant ? variants[variant] : {}) });
  stages.set(variant, stage);
  return stage;
}

describe.each(Object.entries(Object.groupBy(attacks, ({ kind }) => kind)))('AK2 %s', (_, entries = []) => {
  test.each(entries.map((entry) => [entry.name, entry] as const))('%s', async (name, { variant }) => {
    const verdict = await attack(stageOf(variant), name, marks);
    expect(verdict.holes, verdict.evidence).not.toEqual([]);
    seen.add(name);
  });
});

test('AK2 every attack of the catalogue has been seen to get through', () => {
  expect(attacks.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
});
