import { expect, test } from 'vitest';
import { holesOf, judgeHoles } from './checks/holes.ts';
import { unseen } from './facts.ts';
import { HOLES } from './hole-table.ts';
import { READ_ON, TABLE_DATE } from './holes/hole.ts';
import { compareVersions, isBetween, looksLikeDistribution, parseVersion } from './versions.ts';

const away = unseen('the engine runs on another host');
const ids = (component: 'runc' | 'containerd' | 'engine', version: string) =>
  holesOf(component, version).map(({ id }) => id);
const order = (a: string, b: string) => {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left === undefined || right === undefined ? Number.NaN : Math.sign(compareVersions(left, right));
};

test.each([
  ['1.1.5', '1.1.12', -1],
  ['1.4.0-rc.3', '1.4.0', -1],
  ['1.4.0-rc.2', '1.4.0-rc.10', -1],
  ['1.0.0-rc95', '1.0.0-rc93', 1],
  ['v2.3.1', '2.3.1', 0],
  ['20.10.24+dfsg1', '20.10.24', 0],
  ['5:29.9.0-1~debian.13~trixie', '29.9.0', 0],
  ['1.7', '1.7.0', 0],
])('%s beside %s', (a, b, expected) => {
  expect(order(a, b)).toBe(expected);
});

test.each([
  ['20.10.24+dfsg1', true],
  ['1.6.20~ds1', true],
  ['1.1.5+ds1-1+deb12u1', true],
  ['27.5.1-0ubuntu3~24.04.2', true],
  ['1.3.3-0ubuntu1~24.04.2', true],
  ['28.3.3-1.fc42', true],
  ['29.9.0', false],
  ['v2.3.6', false],
  ['1.4.0-rc.3', false],
])('%s is a distribution’s: %s', (version, expected) => {
  expect(looksLikeDistribution(version)).toBe(expected);
});

test('DR4 what upstream has mended is not counted, branch by branch', () => {
  expect(ids('runc', '1.5.0')).toEqual([]);
  expect(ids('runc', '1.2.8')).toEqual(['CVE-2026-41579']);
  expect(ids('runc', '1.3.2')).toContain('CVE-2025-31133');
  expect(ids('runc', '1.4.0-rc.3')).not.toContain('CVE-2025-31133');
  expect(ids('containerd', 'v2.3.6')).toEqual([]);
  expect(ids('containerd', '1.7.26')).not.toContain('CVE-2026-46680');
  expect(ids('containerd', '1.7.30')).toContain('CVE-2026-46680');
  expect(ids('engine', '29.9.0')).toEqual([]);
  expect(ids('engine', '25.0.6')).not.toContain('CVE-2024-41110');
  expect(ids('engine', '27.1.0')).toContain('CVE-2024-41110');
});

test('DR4 the changelog of a distribution mends; what it does not name is a warning, however grave', () => {
  const debian = {
    name: 'runc',
    version: '1.1.5+ds1-1+deb12u1',
    distribution: true,
    mended: ['CVE-2024-21626', 'CVE-2023-28642'],
  };
  const open = judgeHoles('runc', '1.1.5+ds1', debian);
  expect(open).toMatchObject({ verdict: 'warning', found: expect.stringMatching(/changelog.*CVE-2025-31133/) });
  expect(open.found).not.toMatch(/21626/);
  const all = holesOf('runc', '1.1.5').map(({ id }) => id);
  expect(judgeHoles('runc', '1.1.5+ds1', { ...debian, mended: all })).toMatchObject({
    verdict: 'passed',
    found: expect.stringMatching(/mended by the distribution/),
  });
});

test('DR4 without the package a distribution’s number alone is a warning that says so, and upstream’s is a failure', () => {
  expect(judgeHoles('runc', '1.1.5+ds1', away)).toMatchObject({
    verdict: 'warning',
    found: expect.stringMatching(/by the number alone/),
  });
  expect(judgeHoles('runc', '1.1.5', away).verdict).toBe('failed');
  expect(judgeHoles('engine', '28.5.2', away).verdict).toBe('failed');
  expect(judgeHoles('runc', '1.3.5', away).verdict).toBe('warning');
});

test('DR4 a package of another version than the one that runs says nothing about it', () => {
  const newer = { name: 'runc', version: '1.3.7-1', distribution: true, mended: ['CVE-2025-31133'] };
  expect(judgeHoles('runc', '1.2.5', newer)).toMatchObject({
    verdict: 'failed',
    found: expect.stringMatching(/^1\.2\.5:.*CVE-2025-31133/),
  });
  expect(judgeHoles('runc', 'unknown', newer).verdict).toBe('unknown');
});

test('every hole of the table has a source, a day and ranges that hold something', () => {
  expect(new Set(HOLES.map(({ id }) => id)).size).toBe(HOLES.length);
  expect(TABLE_DATE <= READ_ON).toBe(true);
  for (const component of ['runc', 'containerd', 'engine']) {
    const days = HOLES.filter((hole) => hole.component === component).map(({ published }) => published);
    expect([component, days]).toEqual([component, days.toSorted().reverse()]);
  }
  for (const { id, affected, published, source, what } of HOLES) {
    expect(source, id).toMatch(/^https:\/\/(github\.com|www\.cve\.org)\/./);
    expect(published, id).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(published <= TABLE_DATE, id).toBe(true);
    expect(what, id).not.toMatch(/[.]$/);
    for (const [from, before] of affected) {
      const low = parseVersion(from);
      expect(low !== undefined && isBetween(low, from, before), `${id} ${from}`).toBe(true);
    }
  }
});
