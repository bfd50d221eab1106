import { expect, it } from 'vitest';
import { newSandboxId, type PolicyName, type WorksheetId } from '../base/ids.ts';
import { due } from './reaper.ts';
import { apply, inheritedSandbox, type Sandbox } from './sandbox-state.ts';

const LEASE = 600;
const base = { policy: 'standard' as PolicyName, uid: 1, memory: 1, life: 10_000, print: '', createdAt: 0 };
const pooled = () => inheritedSandbox({ ...base, id: newSandboxId() }, undefined, true, 0);
const claimed = (at: number) =>
  inheritedSandbox({ ...base, id: newSandboxId() }, { worksheet: 'w' as WorksheetId, pooled: true, at }, true, at);
const attended = (sandbox: Sandbox): Sandbox => {
  const applied = apply(sandbox, { type: 'attended' });
  return applied.result === 'applied' ? applied.sandbox : sandbox;
};
const reasons = (sandbox: Sandbox, now: number) => due([sandbox], now, LEASE).map(({ reason }) => reason);

it('SB40 a life counts from the claim', () => {
  const sandbox = attended(claimed(5000));
  expect(reasons(sandbox, 14_999)).toEqual([]);
  expect(reasons(sandbox, 15_000)).toEqual(['life']);
});

it('SB41 SB42 a lease ends without a gateway, never with one, however idle', () => {
  expect(reasons(claimed(0), LEASE - 1)).toEqual([]);
  expect(reasons(claimed(0), LEASE)).toEqual(['lease']);
  expect(reasons(attended(claimed(0)), LEASE)).toEqual([]);
});

it('SB41 a pool member needs no gateway', () => {
  expect(reasons(pooled(), LEASE)).toEqual([]);
  expect(reasons(pooled(), 10_000)).toEqual(['life']);
});
