import { expect, test } from 'vitest';
import { goodHost } from '../../../test/support/doctor-hosts.ts';
import type { Policy } from '../config/policy.ts';
import { runChecks } from '../doctor/run.ts';
import type { EngineFacts } from '../engine/engine.ts';
import { endText, rowText } from './progress.ts';
import { type AttackReport, attackReport } from './report.ts';
import { htmlReport } from './report-html.ts';
import { markdownReport } from './report-markdown.ts';
import { type AttackVerdict, type Row, runAttacks, surfaceOf } from './run.ts';
import { newMarks } from './source.ts';
import type { Stage } from './stage.ts';

const EVIL = '<script>alert(1)</script>\u001b[2J\u202e| **x** `y`';

const row = (name: string, verdict: AttackVerdict, change: Partial<Row> = {}): Row => ({
  ...{ name, kind: 'Neighbours', threat: 'T1', tries: 'Looks around.', judged: 'nothing is there', cve: [] },
  ...{ verdict, holes: verdict === 'open' ? [EVIL] : [], evidence: EVIL, seconds: 0.25 },
  ...change,
});

function reportOf(rows: readonly Row[], planned = rows.length): AttackReport {
  const facts = goodHost();
  const engine = {
    ...{ name: 'Docker', version: '29.5.1', rootless: false, cgroupVersion: 2, kernelVersion: '6.18.1', cpus: 4 },
    memoryBytes: 8 * 2 ** 30,
  } as EngineFacts;
  const policy = {
    ...{ name: 'standard', title: 'standard', memory: 512 * 2 ** 20, cpus: 1, pids: 128 },
    ...{ image: 'carrel-kernel', runtime: 'runc', seccomp: 'worksheet' },
  } as unknown as Policy;
  const { counts, lines } = runChecks(facts);
  return attackReport({
    ...{ program: '0.1.0', begun: 0, ended: 20_000, address: 'https://notebooks.example.edu' },
    ...{ policy, engine, facts, doctor: { counts, lines }, rows, planned },
  });
}

const accepted = row('mount_table', 'accepted', { accepted: { holes: ['a path'], why: 'it cannot be masked' } });

test('AK6 the status: 0 contained, 1 where one got further, 2 where not all could be run', () => {
  expect(reportOf([row('a', 'contained'), accepted]).status).toBe(0);
  expect(reportOf([row('a', 'open'), row('b', 'not-run')]).status).toBe(1);
  expect(reportOf([row('a', 'contained'), row('b', 'not-run')]).status).toBe(2);
  expect(reportOf([row('a', 'contained')], 5)).toMatchObject({ status: 2, counts: { 'not-run': 4 } });
});

test('AK7 the HTML report loads nothing, runs nothing, and shows evidence as text', () => {
  const html = htmlReport(reportOf([row('a', 'open', { cve: ['CVE-2024-21626'] }), accepted]));
  expect(html).not.toMatch(/<script|<img|<link|src=|javascript:/i);
  expect(html).toContain('&lt;script&gt;alert(1)');
  for (const steering of ['\u001b', '\u202e']) expect(html).not.toContain(steering);
  expect(html).toContain("default-src 'none'");
  expect(html).toContain('https://www.cve.org/CVERecord?id=CVE-2024-21626');
});

test.each(['html', 'markdown'] as const)('AK7 the %s report has what a security officer asks for', (kind) => {
  const report = reportOf([row('first_attack', 'contained'), accepted]);
  const text = (kind === 'html' ? htmlReport(report) : markdownReport(report)).replaceAll('\\', '');
  for (const word of ['https://notebooks.example.edu', '29.5.1', '1970-01-01', '0.1.0', 'standard', 'first_attack'])
    expect(text).toContain(word);
  expect(text).toContain('2 attacks were to be run');
  expect(text).toContain('it cannot be masked');
  for (const { what } of report.residual) expect(text).toContain(what);
});

test('AK7 what got through stands at the front, and nothing of it is Markdown', () => {
  const text = markdownReport(reportOf([row('a', 'contained'), row('bad_one', 'open')]));
  expect(text.indexOf('bad\\_one')).toBeLessThan(text.indexOf('## Result by class'));
  expect(text).toMatch(/^# Isolation of worksheets: Not contained/);
  expect(text).toContain('\\<script\\>');
});

test('AK8 a line each, its class above the first one, and no character that steers a terminal', () => {
  const options = { colour: false, width: 100 };
  const first = row('a', 'open');
  const [title, line, hole] = rowText(first, undefined, options).split('\n');
  expect(title).toBe('T1 Neighbours');
  expect(line).toMatch(/^ {2}NOT CONTAINED {2}a +0\.3 s {2}<script>/);
  expect(hole).toContain('got through: <script>');
  const next = rowText(row('b', 'contained'), first, options);
  for (const word of ['Neighbours', '\u001b']) expect(next).not.toContain(word);
  expect(rowText(accepted, first, options)).toContain('accepted: it cannot be masked');
  expect(endText(reportOf([first]), ['report.html'])).toMatch(/Not contained\..*report\.html.*exit status 1/s);
});

test('AK6 an attack that throws is not run and the next one is; after three in a row no more', async () => {
  let replaced = 0;
  const broken = {
    container: () => Promise.reject(new Error('the engine is away')),
    replace: async () => {
      replaced += 1;
    },
  } as unknown as Stage;
  const rows: Row[] = [];
  const { signal } = new AbortController();
  for await (const each of runAttacks(broken, { marks: newMarks(), surface: 'runc', signal })) rows.push(each);
  expect(rows.map(({ verdict, evidence }) => [verdict, evidence])).toEqual(
    Array(3).fill(['not-run', 'it could not be run: the engine is away']),
  );
  expect(replaced).toBe(3);
});

test('what gVisor answers by itself is judged apart', () => {
  expect(['runc', 'crun', 'runsc', 'runsc-kvm'].map(surfaceOf)).toEqual(['runc', 'runc', 'gvisor', 'gvisor']);
});
