/** What a person reads who made a mistake in a policy. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPolicies, readPolicies } from './load-policies.ts';
import { memoryShare } from './policy.ts';
import { formatProblem } from './problems.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-policies-'));
  cpSync('policies', folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const edit = (file: string, from: string | RegExp, to: string) => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  writeFileSync(path, edited);
};

/** The problems as they are printed, without the folder. */
const problems = () =>
  readPolicies(folder).problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));

describe('the shipped policies', () => {
  it('have no problem', () => {
    const { policies, site, seccomp } = loadPolicies('policies');
    expect([...policies.keys()]).toEqual(['exam', 'gvisor', 'large', 'small', 'standard']);
    expect([...policies.values()].map((policy) => policy.name)).toEqual([...policies.keys()]);
    expect(site.default).toBe('standard');
    expect(JSON.parse(seccomp.get('worksheet') ?? '')).toHaveProperty('defaultAction', 'SCMP_ACT_ERRNO');
    expect(policies.get(site.default as never)).toMatchObject({
      memory: 512 * 2 ** 20,
      life: 12 * 3_600_000,
      pids: 128,
    });
  });
});

describe('a mistake is told with file, line, key, what was expected and what was found', () => {
  it.each([
    [
      'memory: 512 MiB',
      'memory: lots',
      'standard.yaml:9: memory: expected a size such as "512 MiB" or "1 GiB", or a whole number of bytes, got "lots"',
    ],
    ['pids: 128', 'pids: 1.5', 'standard.yaml:11: pids: expected a whole number, got 1.5'],
    ['pids: 128', 'pids: 5', 'standard.yaml:11: pids: expected a number of at least 16, got 5'],
    [
      'idle: 1 h',
      'idle: 5',
      'standard.yaml:22: idle: expected a duration such as "90 s", "20 min" or "8 h", at most 24 d, got 5',
    ],
    [
      'rate: 100 MiB',
      'rate: x',
      'standard.yaml:25: output.rate: expected a size such as "512 MiB" or "1 GiB", or a whole number of bytes, got "x"',
    ],
    [
      'preload: []',
      'preload: [numpy, 1x]',
      'standard.yaml:28: preload[1]: expected the name of a Python module, got "1x"',
    ],
    [
      'environment: {}',
      'environment: { A-B: x }',
      'standard.yaml:29: environment.A-B: expected the name of a variable, got "x"',
    ],
    [
      'everyone: true',
      'roles: [king]',
      'standard.yaml:30: allow.roles[0]: expected one of "admin", "instructor", "member", got "king"',
    ],
    ['title: standard', 'titel: standard', 'standard.yaml:3: titel: expected no key of this name, got "standard"'],
    ['pids: 128\n', '', 'standard.yaml:3: pids: expected a number, got nothing'],
    ['inodes: 1024', 'inode: 1024', 'standard.yaml:16: shm.inodes: expected a number, got nothing'],
    [
      'kernel: python3',
      'kernel: ir',
      'standard.yaml:6: kernel: expected one of kernels (python3, ipykernel), got "ir"',
    ],
    [
      'memory: 512 MiB',
      'memory: 500 MiB',
      'standard.yaml:14: tmp.size: expected at most a quarter of memory (125 MiB) for tmp, home and shm together: their content is memory, got 128 MiB',
    ],
    [
      'files: { size: 40 MiB',
      'files: { size: 49 MiB',
      'standard.yaml:17: files.size: expected at most home.size (48 MiB): what is kept is put back there, got 49 MiB',
    ],
    ['refillAt: 2', 'refillAt: 1', 'standard.yaml:27: pool.refillAt: expected at least pool.min (2), got 1'],
    ['max: 8', 'max: 1', 'standard.yaml:27: pool.min: expected at most pool.max (1), got 2'],
    ['life: 12 h', 'life: 30 min', 'standard.yaml:22: idle: expected at most life (30 min), got 1 h'],
    [
      'title: standard',
      'title: small',
      'standard.yaml:3: title: expected another title than that of small.yaml, got "small"',
    ],
    ['cpus: 1', 'cpus: 1\ncpus: 2', 'standard.yaml:11: expected valid YAML, got Map keys must be unique'],
    ['kernels: [python3, ipykernel]', 'kernels: [python3', 'standard.yaml:9: expected valid YAML'],
  ])('%j made %j', (from, to, message) => {
    edit('standard.yaml', from, to);
    expect(problems().map((problem) => problem.slice(0, message.length))).toContain(message);
  });

  it.each([
    ['75%', '175%', 'site.yaml:6: share.memory: expected a size such as'],
    [
      'default: standard',
      'default: nope',
      'site.yaml:3: default: expected one of the policies (exam, gvisor, large, small, standard), got "nope"',
    ],
    [
      'count: 65536',
      'count: 100',
      'site.yaml:21: uids.count: expected at least share.sandboxes (200): every sandbox has a user id of its own, got 100',
    ],
    ['uids: {', 'uid: {', 'site.yaml:21: uid: expected no key of this name'],
  ])('in the site: %j made %j', (from, to, message) => {
    edit('site.yaml', from, to);
    expect(problems().map((problem) => problem.slice(0, message.length))).toContain(message);
  });
});

describe('the ceiling', () => {
  it('names every key that exceeds it, and by how much', () => {
    edit('large.yaml', 'memory: 2 GiB', 'memory: 8 GiB');
    edit('large.yaml', 'cpus: 2', 'cpus: 4.5');
    edit('exam.yaml', 'perCell: 4 MiB', 'perCell: 1 GiB');
    edit('exam.yaml', 'life: 4 h', 'life: 3 d');
    expect(problems()).toEqual([
      'exam.yaml:23: life: expected at most 2 d (the ceiling in site.yaml), got 3 d, 1 d too much',
      'exam.yaml:25: output.perCell: expected at most 256 MiB (the ceiling in site.yaml), got 1 GiB, 768 MiB too much',
      'large.yaml:8: memory: expected at most 4 GiB (the ceiling in site.yaml), got 8 GiB, 4 GiB too much',
      'large.yaml:9: cpus: expected at most 4 (the ceiling in site.yaml), got 4.5, 0.5 too much',
    ]);
  });
});

describe('files', () => {
  it('a seccomp profile must be there, be JSON and be an allow-list', () => {
    edit('exam.yaml', 'seccomp: worksheet', 'seccomp: absent');
    edit('large.yaml', 'seccomp: worksheet', 'seccomp: broken');
    edit('small.yaml', 'seccomp: worksheet', 'seccomp: open');
    writeFileSync(join(folder, 'seccomp/broken.json'), '{');
    writeFileSync(
      join(folder, 'seccomp/open.json'),
      '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["x"],"syscalls":[{"names":["a"],"action":"b"}]}',
    );
    const [absent, broken, open] = problems();
    expect(absent).toBe('exam.yaml:20: seccomp: expected a profile at seccomp/absent.json, got no such file');
    expect(broken).toContain('large.yaml:19: seccomp: expected a profile at seccomp/broken.json, got ');
    expect(open).toContain(
      'small.yaml:20: seccomp: expected an allow-list at seccomp/open.json: defaultAction must be one of',
    );
  });

  it('a policy’s name is its file’s', () => {
    writeFileSync(join(folder, 'Big One.yaml'), readFileSync(join(folder, 'small.yaml')));
    expect(problems()[0]).toContain('Big One.yaml:1: expected a file name NAME.yaml');
  });

  it('a missing site.yaml and a missing folder are told', () => {
    rmSync(join(folder, 'site.yaml'));
    expect(problems()).toEqual(['site.yaml:1: expected a readable file, got no such file']);
    expect(readPolicies(join(folder, 'nowhere')).problems.map((problem) => problem.found)).toContain('ENOENT');
  });

  it('all problems of all files come in one error', () => {
    edit('small.yaml', 'cpus: 0.5', 'cpus: many');
    edit('exam.yaml', 'cpus: 1', 'cpus: none');
    expect(() => loadPolicies(folder)).toThrow(
      expect.objectContaining({
        code: 'invalid_policy',
        message: expect.stringMatching(/exam\.yaml:10[\s\S]*small\.yaml:10/),
      }),
    );
  });
});

it('the share of memory is a percentage or bytes', () => {
  const { site } = loadPolicies('policies');
  expect(memoryShare(site, 16 * 2 ** 30)).toBe(12 * 2 ** 30);
  expect(memoryShare({ ...site, share: { memory: 2 ** 30, sandboxes: 3 } }, 16 * 2 ** 30)).toBe(2 ** 30);
});
