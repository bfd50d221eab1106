/** jupyter_kernel_test as Debian packages it, unmodified, on both kernels: Jupyter's own gateway client on the running program. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(async () => {
  await carrel?.stop();
});

/** As many as the version in Debian has; a missing sample would skip one. */
const TESTS = 12;

for (const [kernel, closing] of [
  ['python3', 'OK'],
  ['ipykernel', 'OK (skipped=1)'],
] as const)
  test.concurrent(`jupyter_kernel_test on ${kernel}`, async () => {
    const args = [join(import.meta.dirname, 'kernel_tests.py'), carrel.url, carrel.token, kernel];
    const report = await promisify(execFile)('/usr/bin/python3', args, { timeout: 240_000 }).then(
      ({ stderr }) => stderr,
      (error: { stderr?: string }) => error.stderr ?? String(error),
    );
    expect(report).toMatch(new RegExp(`Ran ${TESTS} tests in [\\d.]+s\\n\\n`));
    expect(report.trimEnd().split('\n').at(-1), report).toBe(closing);
  });
