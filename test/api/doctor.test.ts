/** docs/spec/doctor.md, on the real host: before the first start, beside a running Carrel, and as a user who may see little. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DoctorReport } from '../../gateway/src/doctor/json.ts';
import { type Carrel, freePort, startCarrel } from '../support/carrel.ts';

const root = resolve(import.meta.dirname, '../..');
const NOBODY = 65_534;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-doctor-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly errors: string;
}

function run(args: string[], env: Record<string, string>, uid?: number): Promise<Ran> {
  const who = uid === undefined ? {} : { uid, gid: uid };
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CARREL_')));
  const options = { cwd: root, env: { ...clean, ...env }, ...who };
  return new Promise((done) =>
    execFile(process.execPath, [join(root, 'gateway/src/cli/main.ts'), ...args], options, (error, out, errors) =>
      done({ status: typeof error?.code === 'number' ? error.code : 0, out, errors }),
    ),
  );
}

async function report(env: Record<string, string>, uid?: number): Promise<DoctorReport> {
  const { status, out, errors } = await run(['doctor', '--json'], env, uid);
  expect(errors).toBe('');
  const read = JSON.parse(out) as DoctorReport;
  expect(status).toBe(read.status);
  return read;
}

const verdicts = ({ lines }: DoctorReport) => Object.fromEntries(lines.map(({ id, verdict }) => [id, verdict]));

test('DR6 before the first start it looks at the real host, and leaves nothing behind', async () => {
  const data = join(folder, 'none');
  const read = await report({ CARREL_DATA: data, CARREL_PORT: String(await freePort()) });
  expect(verdicts(read)).toMatchObject({
    'settings-known': 'passed',
    'plain-http': 'passed',
    'engine-answers': 'passed',
    'cgroup-controllers': 'passed',
    seccomp: 'passed',
    'address-randomisation': 'passed',
    'policies-ceiling': 'passed',
    database: 'passed',
    'warden-answers': 'unknown',
    'gateway-answers': 'unknown',
  });
  for (const { found, verdict, mend } of read.lines) {
    expect(found).not.toBe('');
    expect(mend === undefined).toBe(verdict === 'passed' || verdict === 'unknown');
  }
  await expect(stat(data)).rejects.toThrow(/ENOENT/);
  expect(await readdir(folder)).toEqual([]);
});

test('DR2 a plain user is told what he may not see, and nothing is made up', async () => {
  const node = await stat(process.execPath).then(({ mode }) => (mode & 0o005) === 0o005);
  expect(node, 'others may run this Node').toBe(true);
  const read = await report({ CARREL_DATA: join(folder, 'none'), HOME: folder, NODE_COMPILE_CACHE: '' }, NOBODY);
  const lines = new Map(read.lines.map((line) => [line.id, line]));
  expect(lines.get('engine-answers')).toMatchObject({
    verdict: 'unknown',
    found: expect.stringMatching(/may not open/),
  });
  for (const id of ['holes-runc', 'seccomp', 'storage-driver', 'images'])
    expect(lines.get(id)?.verdict).toBe('unknown');
  expect(lines.get('kptr-restrict')?.verdict).not.toBe('unknown');
  expect(read.counts.failed).toBe(0);
});

test('DR3 names that there are not, and a file that is not there, are status 3', async () => {
  expect(await run(['doctor', '--only', 'nonsense'], {})).toMatchObject({
    status: 3,
    errors: expect.stringMatching(/nonsense/),
  });
  expect(await run(['doctor', '--env', join(folder, '.env')], {})).toMatchObject({
    status: 3,
    errors: expect.stringMatching(/\.env/),
  });
});

test('DR5 serve and gateway do not start with settings that the doctor fails, and say so in its words', async () => {
  const env = { CARREL_DATA: join(folder, 'unsafe'), CARREL_BIND: '0.0.0.0', CARREL_PORT: String(await freePort()) };
  const { out } = await run(['doctor', '--only', 'plain-http'], env);
  expect(out).toMatch(/FAILED +plain-http/);
  for (const part of ['serve', 'gateway']) {
    const refused = await run([part], env);
    expect(refused.status).toBe(78);
    expect(refused.errors).toMatch(/plain-http: CARREL_BIND=0\.0\.0\.0.*others reach it by plain HTTP/);
    expect(refused.errors).toMatch(/CARREL_PLAIN_HTTP=allow/);
  }
  await expect(stat(env.CARREL_DATA)).rejects.toThrow(/ENOENT/);
});

test('the .env of a stack is looked at from outside, before it has ever run', async () => {
  const { status, out } = await run(['doctor', '--env', join(root, '.env.example'), '--only', 'settings', 'data'], {});
  expect(out).toMatch(/FAILED +plain-http/);
  expect(out).toMatch(/not known +database +it lies in a volume/);
  expect(status).toBe(2);
});

test('a running Carrel answers, and its secrets are its own', async () => {
  await using carrel: Carrel = await startCarrel();
  const { out } = await carrel.command('doctor', '--json');
  const read = JSON.parse(out) as DoctorReport;
  expect(verdicts(read)).toMatchObject({
    'warden-answers': 'passed',
    'gateway-answers': 'passed',
    'secrets-modes': 'passed',
    'secrets-owners': 'passed',
    database: 'passed',
    schema: 'passed',
    images: 'passed',
  });
  const socket = read.lines.find(({ id }) => id === 'socket-gateway');
  expect(socket?.found).toMatch(/gateway, process \d+/);
  await chmod(join(carrel.data, 'secrets.json'), 0o644);
  const { code, out: failed } = await carrel.command('doctor', '--only', 'secrets-modes');
  expect(failed).toMatch(/secrets\.json has mode 0644[\s\S]*mend: chmod 0600 /);
  expect(code).toBe(2);
});
