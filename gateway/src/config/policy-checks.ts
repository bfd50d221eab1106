/** What a policy's fields must be to each other, to the site's ceiling and to the host. Pure; each check gives its findings. */
import type { PolicyFields, Site } from './policy.ts';
import type { Finding, KeyPath } from './problems.ts';
import { show } from './problems.ts';
import { formatDuration, formatSize } from './quantities.ts';

/** Interpreter, agent and the imports of a kernel; with less, a sandbox dies while it starts. */
const LEAST_MEMORY = 64 * 2 ** 20;

export function policyFindings(policy: PolicyFields): Finding[] {
  const { memory, pool } = policy;
  const findings: Finding[] = [];
  const expect = (holds: boolean, path: KeyPath, expected: string, found: string) => {
    if (!holds) findings.push({ path, expected, found });
  };

  expect(memory >= LEAST_MEMORY, ['memory'], `at least ${formatSize(LEAST_MEMORY)}`, formatSize(memory));
  const inMemory = policy.tmp.size + policy.home.size + policy.shm.size;
  const quarter = `at most a quarter of memory (${formatSize(memory / 4)}) for tmp, home and shm together: their content is memory`;
  expect(inMemory <= memory / 4, ['tmp', 'size'], quarter, formatSize(inMemory));
  expect(
    policy.files.size <= policy.home.size,
    ['files', 'size'],
    `at most home.size (${formatSize(policy.home.size)}): what is kept is put back there`,
    formatSize(policy.files.size),
  );
  expect(
    policy.files.count <= policy.home.inodes,
    ['files', 'count'],
    `at most home.inodes (${policy.home.inodes})`,
    String(policy.files.count),
  );
  expect(
    policy.kernels.includes(policy.kernel),
    ['kernel'],
    `one of kernels (${policy.kernels.join(', ')})`,
    show(policy.kernel),
  );
  expect(
    policy.idle <= policy.life,
    ['idle'],
    `at most life (${formatDuration(policy.life)})`,
    formatDuration(policy.idle),
  );
  expect(
    policy.cell <= policy.life,
    ['cell'],
    `at most life (${formatDuration(policy.life)})`,
    formatDuration(policy.cell),
  );
  expect(pool.min <= pool.max, ['pool', 'min'], `at most pool.max (${pool.max})`, String(pool.min));
  expect(pool.refillAt >= pool.min, ['pool', 'refillAt'], `at least pool.min (${pool.min})`, String(pool.refillAt));
  expect(pool.refillAt <= pool.max, ['pool', 'refillAt'], `at most pool.max (${pool.max})`, String(pool.refillAt));
  return findings;
}

/** Which of the policy's fields exceed the ceiling, and by how much. */
export function ceilingFindings(policy: PolicyFields, { ceiling }: Site): Finding[] {
  const plain = (value: number) => String(Number(value.toFixed(2)));
  const compared: [KeyPath, number, number, (value: number) => string][] = [
    [['memory'], policy.memory, ceiling.memory, formatSize],
    [['cpus'], policy.cpus, ceiling.cpus, plain],
    [['pids'], policy.pids, ceiling.pids, plain],
    [['openFiles'], policy.openFiles, ceiling.openFiles, plain],
    [['life'], policy.life, ceiling.life, formatDuration],
    [['cell'], policy.cell, ceiling.cell, formatDuration],
    [['output', 'perCell'], policy.output.perCell, ceiling.perCell, formatSize],
    [['files', 'size'], policy.files.size, ceiling.files, formatSize],
    [['pool', 'max'], policy.pool.max, ceiling.pool, plain],
  ];
  return compared
    .filter(([, value, limit]) => value > limit)
    .map(([path, value, limit, format]) => ({
      path,
      expected: `at most ${format(limit)} (the ceiling in site.yaml)`,
      found: `${format(value)}, ${format(value - limit)} too much`,
    }));
}

/** `names` are the policies that there are. */
export function siteFindings(site: Site, names: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const { count } = site.uids;
  if (!names.includes(site.default)) {
    findings.push({
      path: ['default'],
      expected: `one of the policies (${names.join(', ')})`,
      found: show(site.default),
    });
  }
  if (count < site.share.sandboxes) {
    const expected = `at least share.sandboxes (${site.share.sandboxes}): every sandbox has a user id of its own`;
    findings.push({ path: ['uids', 'count'], expected, found: String(count) });
  }
  return findings;
}
