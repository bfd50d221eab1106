import { expect, test } from 'vitest';
import { schemaContract } from '../../../test/contract/schema-contract.ts';
import { record, recordings, statementsAfter } from '../../../test/support/schema-recordings.ts';
import { knownSteps, tablesAfter } from './schema.ts';

/** `RECORD_SCHEMAS=0009-x npx vitest run --project unit gateway/src/store/schema.test.ts`, when a version with this step is released. */
const asked = process.env['RECORD_SCHEMAS'];
if (asked !== undefined)
  for (const step of knownSteps().filter((each) => each <= asked))
    if (!recordings().some((recording) => recording.step === step)) await record(step);

schemaContract('SQLite', async () => undefined);

test('ST10 a step that was released is never edited: it makes what was recorded, and none between them is missing', async () => {
  const steps = recordings().map(({ step }) => step);
  expect(steps.length).toBeGreaterThan(0);
  expect(knownSteps().slice(0, steps.length)).toEqual(steps);
  for (const { step, statements } of recordings()) expect(await statementsAfter(step), step).toEqual(statements);
});

test('every table comes behind those that it refers to', async () => {
  const seen = new Set<string>();
  for (const { name, parents } of await tablesAfter(knownSteps())) {
    for (const parent of parents) expect(seen, `${name} refers to ${parent}`).toContain(parent);
    seen.add(name);
  }
  expect(seen).toContain('worksheet_updates');
});
