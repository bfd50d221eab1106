/** docs/admin beside the doctor: where its mends lead, and what hardening.md says of its checks. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { anchorsOf } from '../../../setup/checks/markdown.ts';
import { CASES as HOST } from '../../../test/support/doctor-cases-host.ts';
import { CASES as INSTALLATION } from '../../../test/support/doctor-cases-installation.ts';
import { goodHost } from '../../../test/support/doctor-hosts.ts';
import { attacks } from '../attack/catalogue.ts';
import { FAMILIES } from './families.ts';
import { runChecks } from './run.ts';

const page = (name: string) => readFileSync(`docs/admin/${name}`, 'utf8');
const checks = FAMILIES.flatMap(({ checks }) => checks);
const hardening = page('hardening.md');

test('DR1 a mend that leads to a document names a heading that is there', () => {
  const shown = [...HOST, ...INSTALLATION].flatMap(([check, , , change]) => {
    const good = goodHost();
    return runChecks({ ...good, ...change(good) }, [check]).lines.map(({ mend }) => mend ?? '');
  });
  const led = [...checks.map(({ mend }) => mend), ...shown].filter((mend) => mend.includes('docs/'));
  expect(led.length).toBeGreaterThan(2);
  for (const mend of led) {
    const [, name = '', anchor = ''] = /docs\/admin\/([\w-]+\.md)#([\w-]+)/.exec(mend) ?? [];
    expect([mend, name === '' ? [] : anchorsOf(page(name))]).toEqual([mend, expect.arrayContaining([anchor])]);
  }
});

test('hardening.md says where each check of host, kernel, engine and confinement is shown', () => {
  const named = new Set([...hardening.matchAll(/`([a-z][a-z0-9-]+)`/g)].map(([, id]) => id));
  const families = FAMILIES.filter(({ id }) => ['engine', 'confinement', 'kernel', 'host', 'reach'].includes(id));
  const missing = families.flatMap((family) => family.checks).filter(({ id }) => !named.has(id));
  expect(missing.map(({ id }) => id)).toEqual([]);
});

test('the names that documents give to --only are checks or families', () => {
  const known = new Set([...checks, ...FAMILIES].map(({ id }) => id));
  const pages = ['hardening.md', 'install.md', 'upgrade.md'].map(page).join('\n');
  const given = [...pages.matchAll(/--only ([a-z -]*[a-z])/g)].flatMap(([, names = '']) => names.split(' '));
  expect(given.length).toBeGreaterThan(2);
  expect(given.filter((name) => !known.has(name))).toEqual([]);
});

test('with the settings of hardening.md every check of such a setting passes', () => {
  const block = /60-carrel\.conf << 'END'\n([\s\S]*?)\n +END/.exec(hardening)?.[1] ?? '';
  const sysctls = Object.fromEntries(block.split('\n').map((line) => line.trim().split(' = ')));
  expect(Object.keys(sysctls).length).toBeGreaterThan(15);
  const good = goodHost();
  const bad = Object.fromEntries(Object.keys(good.host.sysctls).map((name) => [name, '0']));
  const host = { ...good.host, sysctls: { ...bad, ...sysctls, 'user.max_user_namespaces': '0' } };
  const settled = runChecks({ ...good, host }, ['kernel', 'inotify', 'open-files', 'processes']);
  expect(settled.lines.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
});

test('threat-model.md has every class of the catalogue of attacks under its number, with every attack', () => {
  const model = page('threat-model.md');
  for (const { threat, kind, name } of attacks) {
    const row = model.split('\n').find((line) => line.startsWith(`| **${threat} ${kind}**`));
    expect([threat, kind, row?.includes(`\`${name}\``)]).toEqual([threat, kind, true]);
  }
});
