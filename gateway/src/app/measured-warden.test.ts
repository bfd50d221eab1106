import { expect, test } from 'vitest';
import { FakeWarden } from '../../../test/support/fake-warden.ts';
import { CarrelError } from '../base/errors.ts';
import type { PolicyName, WorksheetId } from '../base/ids.ts';
import { silentMeter } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import { measuredWarden } from './measured-warden.ts';

const [policy, worksheet] = ['standard' as PolicyName, 'w' as WorksheetId];

test('an open is counted with the time that it took, a refusal with its reason, and one that nobody waited for as given up', async () => {
  const warden = new FakeWarden();
  const counted: unknown[] = [];
  let now = 0;
  const meter = { ...silentMeter, opened: (...facts: unknown[]) => void counted.push(facts) };
  const measured = measuredWarden(warden, meter, () => {
    now += 500;
    return now;
  });
  const scope = () => Scope.withDeadline('opening', 10_000);
  await measured.open(policy, worksheet, scope());
  warden.refusals = [new CarrelError('no_capacity', 'full')];
  await expect(measured.open(policy, worksheet, scope())).rejects.toThrow('full');
  warden.full = true;
  const left = new AbortController();
  const waiting = measured.open(policy, worksheet, Scope.withDeadline('opening', 10_000, left.signal));
  left.abort();
  await expect(waiting).rejects.toBeDefined();
  expect(counted).toEqual([
    ['standard', 'opened', 0.5],
    ['standard', 'no_capacity', 0.5],
    ['standard', 'given_up', 0.5],
  ]);
});
