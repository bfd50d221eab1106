import { defineConfig } from 'vitest/config';

/** unit: no engine, beside the sources. engine and e2e: a real Docker engine, one file at a time. fuzz: seeded by FUZZ_SEED. */
const project = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, environment: 'node' as const, ...more },
});
/**
 * What is waited for comes within a second on a machine at rest; two parts share this one, with an engine and its containers. What fails
 * twice fails; what passes at the second attempt is named at the end.
 */
const serial = {
  retry: 1,
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 10_000 } },
};

export default defineConfig({
  test: {
    silent: 'passed-only',
    /** JupyterLab's client rejects the promises of requests that a restart cut off; nobody may wait for them. */
    onUnhandledError: (error) => !error.message?.startsWith('Canceled future for '),
    projects: [
      project(
        'unit',
        ['gateway/src/**/*.test.ts', 'gateway/web/src/**/*.test.ts', 'setup/**/*.test.ts', 'bench/support/*.test.ts'],
        { testTimeout: 60_000 },
      ),
      project('engine', ['test/engine/**/*.test.ts'], serial),
      /** The store's contract on PostgreSQL, and what is built on the store once more with a PostgreSQL below it. */
      project(
        'store',
        [
          'test/store/**/*.test.ts',
          'test/api/{accounts,version-rest,worksheet-rest,worksheet-sharing,worksheets}.test.ts',
          'test/fault/worksheets.test.ts',
        ],
        {
          ...serial,
          testTimeout: 240_000,
          globalSetup: ['test/store/postgres-of-project.ts'],
          setupFiles: ['test/store/on-postgres.ts'],
        },
      ),
      project('image', ['test/image/**/*.test.ts'], serial),
      project('api', ['test/api/**/*.test.ts'], serial),
      project('clients', ['test/clients/**/*.test.ts'], serial),
      /** jupyter_kernel_test waits 0.1 s for a message, and ipykernel's threads race, where the other lane has the processors. */
      project('kernels', ['test/kernels/**/*.test.ts'], { ...serial, maxConcurrency: 3, testTimeout: 300_000 }),
      project('fault', ['test/fault/**/*.test.ts'], { ...serial, testTimeout: 240_000 }),
      project('isolation', ['test/isolation/**/*.test.ts'], { ...serial, testTimeout: 240_000 }),
      project('bench', ['bench/*.test.ts'], serial),
      project('fuzz', ['test/fuzz/**/*.test.ts'], serial),
      /** A whole installation by compose.yaml. Its images are built first where they are missing. */
      project('stack', ['test/stack/**/*.test.ts'], { ...serial, testTimeout: 180_000 }),
      project('e2e', ['test/e2e/**/*.test.ts'], serial),
    ],
  },
});
