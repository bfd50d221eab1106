/** The same attacks as cells of worksheets: contained, but for what the catalogue accepts with a reason. */
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { attacks } from './catalogue.ts';
import { limitsOf } from './image.ts';
import { attack } from './judge.ts';
import { newMarks } from './source.ts';
import { WorksheetStage } from './worksheet-stage.ts';

const hasGvisor = Object.hasOwn((await new Docker().info()).Runtimes ?? {}, 'runsc');

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(async () => {
  await carrel?.stop();
});

const policies = [
  { policy: 'standard', kernel: 'python3', accepted: 'runc', runs: true },
  { policy: 'gvisor', kernel: 'python3-gvisor', accepted: 'gvisor', runs: hasGvisor },
] as const;

describe.each(policies)('$policy', ({ policy, kernel, accepted, runs }) => {
  const marks = newMarks();
  const limits = limitsOf(policy);
  let stage: WorksheetStage;
  beforeAll(() => {
    stage = new WorksheetStage({ server: carrel, data: carrel.data, kernel, limits, marks });
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  describe.each(Object.entries(Object.groupBy(attacks, ({ kind }) => kind)))('%s', (_, entries = []) => {
    test.runIf(runs).each(entries.map((entry) => [entry.name, entry] as const))('%s', async (name, expected) => {
      const verdict = await attack(stage, name, marks);
      const accepts = expected[accepted];
      expect(
        verdict.holes.filter((hole) => !accepts?.holes.test(hole)),
        verdict.evidence,
      ).toEqual([]);
      if (accepts !== undefined)
        expect(verdict.holes, `the table knows a hole that is closed: ${verdict.evidence}`).not.toEqual([]);
    });
  });
});
