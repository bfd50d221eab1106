import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { goodHost, settingsOf } from '../../../test/support/doctor-hosts.ts';
import { CarrelError } from '../base/errors.ts';
import { refuseUnsafe } from './checks/unsafe.ts';
import type { Facts } from './facts.ts';
import { FAMILIES } from './families.ts';
import { HOLES } from './hole-table.ts';
import { doctorReport } from './json.ts';
import { referencePage } from './reference.ts';
import { runChecks } from './run.ts';
import { resultText, wrap } from './text.ts';

const PLAIN = { colour: false, width: 100, problems: false };

function broken(): Facts {
  const good = goodHost();
  return {
    ...good,
    settings: settingsOf({ CARREL_BIND: '0.0.0.0' }),
    host: { ...good.host, ksm: '1' },
    policies: {
      ...(good.policies as object),
      problems: ['bad\u001b]0;owned\u0007 name'],
    } as unknown as Facts['policies'],
  };
}

test('DR7 text has verdict, name, what was found, why, and what mends', () => {
  const text = resultText(runChecks(broken()), PLAIN);
  expect(text).toMatch(/^Kernel$/m);
  expect(text).toMatch(/^ {2}WARNING {4}ksm +on$/m);
  expect(text).toMatch(/^ +mend: echo 2 > \/sys\/kernel\/mm\/ksm\/run/m);
  expect(text).toMatch(/^ {2}FAILED {5}plain-http/m);
  expect(text).toMatch(/\d+ passed, \d+ warnings, 2 failed, \d+ not known; exit status 2$/);
  for (const line of text.split('\n')) if (!line.includes('mend: ')) expect(line.length).toBeLessThanOrEqual(100);
});

test('DR7 control characters that others wrote do not reach the terminal, colour is ours alone', () => {
  const result = runChecks(broken());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(resultText(result, PLAIN)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  const coloured = resultText(result, { ...PLAIN, colour: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the same
  expect(coloured.replace(/\u001b\[[\d;]+m/g, '')).toBe(resultText(result, PLAIN));
});

test('DR7 --problems leaves out what passed', () => {
  const text = resultText(runChecks(broken()), { ...PLAIN, problems: true });
  expect(text).not.toMatch(/ passed {2,}/);
  expect(text).toMatch(/WARNING/);
});

test('DR7 JSON has the shape that the page describes', () => {
  const report = JSON.parse(JSON.stringify(doctorReport(runChecks(broken()), goodHost().at, '0.1.0')));
  expect(Object.keys(report)).toEqual(['version', 'program', 'at', 'status', 'counts', 'lines']);
  expect(report).toMatchObject({ version: 1, program: '0.1.0', at: '2026-11-25T12:00:00.000Z', status: 2 });
  const described = /"lines": \[\n +\{([^}]*)\}/.exec(referencePage())?.[1] ?? '';
  const keys = [...described.matchAll(/^ +"(\w+)":/gm)].map(([, key]) => key);
  for (const line of report.lines) {
    const whole = line.verdict === 'warning' || line.verdict === 'failed';
    expect(Object.keys(line).sort()).toEqual(keys.filter((key) => whole || key !== 'mend').sort());
  }
});

test('words are never cut, however narrow it is', () => {
  expect(wrap('a long/path/that/stays whole', 5)).toEqual(['a', 'long/path/that/stays', 'whole']);
});

test('DR8 docs/admin/doctor.md is what `carrel doctor page` writes, with every check and hole', () => {
  const page = readFileSync('docs/admin/doctor.md', 'utf8');
  expect(page).toBe(referencePage());
  for (const { id } of FAMILIES.flatMap(({ checks }) => checks)) expect(page).toContain(`**\`${id}\`**`);
  for (const { id, source } of HOLES) expect(page).toContain(`[${id}](${source})`);
});

test('DR5 unsafe settings are refused in the doctor’s words, all at once', () => {
  const settings = settingsOf({ CARREL_BIND: '0.0.0.0', CARREL_SIGN_UP: 'open', CARREL_TOKENLESS_SOCKETS: 'network' });
  const { lines } = runChecks({ ...goodHost(), settings }, ['settings']);
  const failed = lines.filter(({ verdict }) => verdict === 'failed');
  expect(failed.map(({ id }) => id)).toEqual(['plain-http', 'tokenless-sockets', 'sign-up']);
  let refusal: unknown;
  try {
    refuseUnsafe(settings);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(CarrelError);
  for (const { found, why, mend } of failed) {
    for (const words of [found, why, mend]) expect((refusal as CarrelError).message).toContain(words);
  }
});

test('DR5 warnings about settings keep nothing from starting', () => {
  expect(() => refuseUnsafe(settingsOf())).not.toThrow();
  expect(() => refuseUnsafe(settingsOf({ CARREL_BIND: '0.0.0.0', CARREL_PLAIN_HTTP: 'allow' }))).not.toThrow();
  expect(() =>
    refuseUnsafe(
      settingsOf({ CARREL_BIND: '0.0.0.0', CARREL_PUBLIC_URL: 'https://notebooks.uni.edu', CARREL_SIGN_UP: 'open' }),
    ),
  ).not.toThrow();
});
