/** The counting of tests: nothing that did not pass may be missing from the count. */
import { describe, expect, it } from 'vitest';
import { chooseParts, parts } from './parts.ts';
import { showTally, sum, tallyOfUnittest, tallyOfVitest } from './tally.ts';

describe('vitest', () => {
  const file = (status: string, ...cases: [string, string][]) => ({
    name: 'a.test.ts',
    status,
    message: 'boom',
    assertionResults: cases.map(([fullName, one]) => ({ fullName, status: one })),
  });
  const tally = (status: number, ...testResults: object[]) => tallyOfVitest(JSON.stringify({ testResults }), status);

  it('counts what passed, failed and did not run', () => {
    const found = tally(1, file('failed', ['a', 'passed'], ['b', 'failed'], ['c', 'skipped'], ['d', 'todo']));
    expect(found).toEqual({ passed: 1, failed: 1, skipped: ['c', 'd'], failures: ['b'], again: [] });
  });

  it('names what failed at first', () => {
    const assertionResults = [{ fullName: 'a', status: 'passed', failureMessages: ['boom'] }];
    expect(tally(0, { name: 'a.test.ts', status: 'passed', assertionResults })).toMatchObject({
      passed: 1,
      again: ['a\nboom'],
    });
  });

  it('tells what a failed test said, and where', () => {
    const stack =
      'Error: no page\n  it shows:\n\n    at atHome (/a/test/b.ts:1:2)\n    at /a/test/b.test.ts:3:4\n    at run (/x.js:1:1)';
    const assertionResults = [{ fullName: 'a', status: 'failed', failureMessages: [stack, 'again'] }];
    expect(tally(1, { name: 'b.test.ts', status: 'failed', assertionResults }).failures).toEqual([
      'a\nError: no page\n  it shows:\nat /a/test/b.test.ts:3:4',
    ]);
  });

  it('counts a file that could not be read, and an error outside of all tests', () => {
    expect(tally(1, file('failed'), file('passed', ['a', 'passed']))).toMatchObject({ passed: 1, failed: 1 });
    expect(tally(1, file('passed', ['a', 'passed']))).toMatchObject({ passed: 1, failed: 1 });
  });
});

describe('unittest', () => {
  it('counts what it ran', () => {
    expect(tallyOfUnittest('test_a (t.T.test_a) ... ok\r\n\r\nRan 1 test in 0.1s\r\n\r\nOK\r\n', 0)).toMatchObject({
      passed: 1,
      failed: 0,
    });
  });

  it('counts failures, errors and skipped ones, several of one test too', () => {
    const output = [
      'test_a (t.T.test_a) ... ok',
      "test_b (t.T.test_b) ... skipped 'no Landlock'",
      'test_c (t.T.test_c) ... FAIL',
      'FAIL: test_c (t.T.test_c) [one]',
      'FAIL: test_c (t.T.test_c) [two]',
      'ERROR: test_d (t.T.test_d)',
      'Ran 4 tests in 0.1s',
    ].join('\n');
    expect(tallyOfUnittest(output, 1)).toMatchObject({ passed: 1, failed: 3, skipped: ['test_b (t.T.test_b)'] });
  });

  it('that ended early has failed', () => {
    expect(tallyOfUnittest('Traceback …', 1)).toMatchObject({ passed: 0, failed: 1 });
  });
});

it('tallies add up', () => {
  const tally = { passed: 2, failed: 1, skipped: ['s'], failures: ['f'], again: ['a'] };
  expect(sum([tally, tally])).toEqual({
    passed: 4,
    failed: 2,
    skipped: ['s', 's'],
    failures: ['f', 'f'],
    again: ['a', 'a'],
  });
  expect(showTally(tally)).toBe('2 ok, 1 wrong, 1 skipped, 1 at the second attempt');
});

it('parts are chosen by their names, all of them without one', () => {
  expect(chooseParts([])).toBe(parts);
  expect(chooseParts(['unit', 'checks']).map(({ name }) => name)).toEqual(['checks', 'unit']);
  expect(() => chooseParts(['unity'])).toThrow('got unity');
});
