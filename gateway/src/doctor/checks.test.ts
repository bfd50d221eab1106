import { expect, test } from 'vitest';
import { CASES as HOST } from '../../../test/support/doctor-cases-host.ts';
import { CASES as INSTALLATION } from '../../../test/support/doctor-cases-installation.ts';
import { engine, host } from '../../../test/support/doctor-changes.ts';
import { goodHost, hiddenHost, recorded } from '../../../test/support/doctor-hosts.ts';
import type { Facts } from './facts.ts';
import { FAMILIES } from './families.ts';
import { chosen, runChecks } from './run.ts';

const CASES = [...HOST, ...INSTALLATION];
const ALL = FAMILIES.flatMap(({ checks }) => checks);
const lineOf = (facts: Facts, check: string) => runChecks(facts, [check]).lines[0];

test('DR1 on a good host every check passes', () => {
  const { lines, status } = runChecks(goodHost());
  expect(lines.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
  expect(status).toBe(0);
});

test.each(ALL.map(({ id }) => id))('DR1 %s fails or warns in a case of its own', (id) => {
  expect(CASES.some(([check, , verdict]) => check === id && (verdict === 'warning' || verdict === 'failed'))).toBe(
    true,
  );
});

test.each(CASES.map((each) => [...each] as const))('DR1 %s: %s → %s', (check, _what, verdict, change, found) => {
  const good = goodHost();
  const line = lineOf({ ...good, ...change(good) }, check);
  expect(line).toMatchObject({ verdict, found: expect.stringMatching(found) });
  expect(line?.mend === undefined).toBe(verdict === 'passed' || verdict === 'unknown');
});

test('DR1 names are unique, and the words are one sentence each', () => {
  expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  for (const { id, why, mend, expected } of ALL) {
    expect(why, id).toMatch(/^[A-Za-z].*[.]$/);
    expect(mend.length, id).toBeGreaterThan(3);
    expect(expected, id).not.toMatch(/[.]$/);
  }
});

test('DR2 nothing is taken for passed or failed that could not be looked at', () => {
  const { lines, counts } = runChecks(hiddenHost());
  const known = lines.filter(({ verdict, family }) => verdict !== 'unknown' && family !== 'settings');
  expect(known.map(({ id }) => id)).toEqual(['proxies']);
  expect(counts.failed).toBe(0);
});

test('DR9 inside of a container nothing is said about the host’s accounts and ports', () => {
  const good = goodHost();
  const inside = { ...good, self: { ...good.self, container: true } };
  for (const check of ['uid-range', 'engine-port'])
    expect(lineOf(inside, check)).toMatchObject({ verdict: 'unknown', found: expect.stringMatching(/container/) });
});

test('DR3 the status is that of the worst', () => {
  const good = goodHost();
  const warned = { ...good, ...host({ ksm: '1' })(good) };
  expect(runChecks(warned).status).toBe(1);
  expect(runChecks({ ...warned, ...engine({ seccomp: undefined })(good) }).status).toBe(2);
  expect(runChecks(hiddenHost()).status).toBe(0);
});

test('DR3 a name that is none is refused with those that there are', () => {
  expect(() => chosen(['kernel', 'nonsense'])).toThrow(/settings, engine.*got nonsense/);
  expect(chosen(['kernel', 'clock']).map(([, { id }]) => id)).toContain('clock');
});

test('hosts as their engines tell them', () => {
  const verdicts = (name: Parameters<typeof recorded>[0], ...checks: string[]) =>
    runChecks({ ...goodHost(), engine: recorded(name) }, checks).lines.map(({ verdict }) => verdict);
  const checks = ['cgroup-version', 'cgroup-controllers', 'user-namespaces', 'security-module'];
  expect(verdicts('bookworm', ...checks)).toEqual(['warning', 'passed', 'warning', 'warning']);
  expect(verdicts('trixie', ...checks)).toEqual(['passed', 'passed', 'passed', 'passed']);
  expect(verdicts('fedora', ...checks)).toEqual(['passed', 'passed', 'warning', 'passed']);
  expect(verdicts('rootless', ...checks)).toEqual(['passed', 'failed', 'passed', 'warning']);
});
