/** What came of a part of the tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that did not run. */
  readonly skipped: readonly string[];
  /** Names of the tests that failed, each with what it said in further lines. */
  readonly failures: readonly string[];
  /** The same of those among the passed that failed at first. */
  readonly again: readonly string[];
}

export const failed = (name: string): Tally => ({ passed: 0, failed: 1, skipped: [], failures: [name], again: [] });

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    skipped: tallies.flatMap(({ skipped }) => skipped),
    failures: tallies.flatMap(({ failures }) => failures),
    again: tallies.flatMap(({ again }) => again),
  };
}

/** "12 ok, 1 wrong, 2 skipped": not the words of the closing line, which stands once. */
export function showTally({ passed, failed: wrong, skipped, again }: Tally): string {
  return [
    `${passed} ok`,
    ...(wrong > 0 ? [`${wrong} wrong`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    ...(again.length > 0 ? [`${again.length} at the second attempt`] : []),
  ].join(', ');
}

/** Of vitest's report in JSON; `status` is its exit status, which also tells of errors outside of tests. */
export function tallyOfVitest(report: string, status: number): Tally {
  const { testResults } = JSON.parse(report) as VitestReport;
  const cases = testResults.flatMap(({ assertionResults }) => assertionResults);
  const those = (statuses: string[]) => cases.filter((one) => statuses.includes(one.status));
  const names = (statuses: string[]) => those(statuses).map((one) => one.fullName);
  const brokenFiles = testResults
    .filter((file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'))
    .map((file) => `${file.name}: ${file.message ?? 'failed outside of its tests'}`);
  const failures = [...those(['failed']).map(withWhy), ...brokenFiles];
  if (failures.length === 0 && status !== 0) failures.push('an error outside of the tests, see above');
  return {
    passed: names(['passed']).length,
    failed: failures.length,
    skipped: names(['skipped', 'pending', 'todo', 'disabled']),
    failures,
    again: those(['passed'])
      .filter(({ failureMessages }) => (failureMessages?.length ?? 0) > 0)
      .map(withWhy),
  };
}

/** Lines of what a test said first, without where in the program it was. */
const MOST_LINES = 8;
const LONGEST_LINE = 300;

function withWhy({ fullName, failureMessages: [first = ''] = [] }: VitestCase): string {
  const lines = first.split('\n').filter((line) => line.trim() !== '');
  const place = lines.find((line) => /^\s+at .*\.test\.ts:\d/.test(line)) ?? '';
  const said = lines.filter((line) => !/^\s+at /.test(line)).slice(0, MOST_LINES);
  return [fullName, ...said, place.trim()]
    .filter((line) => line !== '')
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n');
}

interface VitestCase {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages?: readonly string[];
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly VitestCase[];
  }[];
}

/** Of what `python3 -m unittest -v` printed. */
export function tallyOfUnittest(output: string, status: number): Tally {
  const ran = Number(/^Ran (\d+) tests? in/m.exec(output)?.[1] ?? 0);
  const lines = output.split(/\r?\n/);
  const named = (ending: RegExp) =>
    lines.flatMap((line) => (ending.test(line) ? [line.replace(/ \.\.\. .*/, '')] : []));
  const skipped = named(/ \.\.\. skipped\b/);
  const failures = lines.flatMap((line) => /^(?:FAIL|ERROR): (.*)$/.exec(line)?.[1] ?? []);
  if (failures.length === 0 && status !== 0) failures.push(`unittest ended with status ${status}`);
  const wrong = new Set(failures.map((name) => name.replace(/ [[(].*$/, ''))).size;
  return { passed: Math.max(0, ran - wrong - skipped.length), failed: failures.length, skipped, failures, again: [] };
}
