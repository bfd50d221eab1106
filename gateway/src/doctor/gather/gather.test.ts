import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createServer as createPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { settingsOf } from '../../../../test/support/doctor-hosts.ts';
import { schemaState } from '../../store/schema-facts.ts';
import { openStore } from '../../store/store.ts';
import { isSeen, unseen } from '../facts.ts';
import { siteFacts } from './certificate.ts';
import { fileFacts } from './data.ts';
import { mountOf } from './disks.ts';
import { ofStack } from './env-file.ts';
import { text } from './files.ts';
import { gatherFacts } from './gather.ts';
import { idRanges, listening, osRelease, passwd, swapBytes, v1Controllers } from './host.ts';
import { holesNamed } from './packages.ts';
import { mountsOf } from './reach.ts';

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'carrel-doctor-'));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

test('files of /proc and /etc, as kernels and distributions write them', () => {
  expect(osRelease('NAME="Fedora Linux"\nID=fedora\nPRETTY_NAME="Fedora Linux 42"\n')).toEqual({
    id: 'fedora',
    name: 'Fedora Linux 42',
  });
  expect(v1Controllers('#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t3\t9\t1\nmemory\t0\t9\t0')).toEqual([
    'cpu',
  ]);
  expect(swapBytes('Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition\t2097148\t0\t-2')).toBe(2_097_148 * 1024);
  expect(swapBytes('Filename\tType\tSize\tUsed\tPriority')).toBe(0);
  expect(passwd('root:x:0:0::/root:/bin/sh\n+::::::\nann:x:1000:1000::/home/ann:/bin/sh')).toEqual([
    { name: 'root', uid: 0 },
    { name: 'ann', uid: 1000 },
  ]);
  expect(idRanges('ann:100000:65536\n# no\n')).toEqual([{ owner: 'ann', first: 100_000, count: 65_536 }]);
});

test('ports that listen for others than this machine', () => {
  const table = [
    '  sl  local_address rem_address   st',
    '   0: 0100007F:0947 00000000:0000 0A',
    '   1: 00000000:0947 00000000:0000 0A',
    '   2: 0A000005:0016 0A000006:D431 01',
    '   3: 00000000000000000000000001000000:22B8 00000000000000000000000000000000:0000 0A',
    '   4: 0000000000000000FFFF00000100007F:22B9 00000000000000000000000000000000:0000 0A',
    '   5: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A',
  ].join('\n');
  expect(listening(table)).toEqual([2375, 443]);
});

test('the mount that holds a path', () => {
  const table = [
    '/dev/sda1 / ext4 rw 0 0',
    '/dev/sdb1 /var/lib/docker xfs rw,prjquota 0 0',
    '/dev/sdc1 /var/lib\\040x ext4 rw 0 0',
  ].join('\n');
  expect(mountOf(table, '/var/lib/docker/overlay2')).toMatchObject({ type: 'xfs', options: 'rw,prjquota' });
  expect(mountOf(table, '/var/lib/dockers')).toMatchObject({ point: '/' });
  expect(mountOf(table, '/var/lib x/y')).toMatchObject({ point: '/var/lib x' });
});

test('DR4 holes that a changelog names', () => {
  expect(
    holesNamed('* Fixes: CVE-2024-25621, CVE-2024-40635 (Closes: #1)\n* CVE-2024-25621 again; GHSA-jq35-85cj-fj4p'),
  ).toEqual(['CVE-2024-25621', 'CVE-2024-40635', 'GHSA-jq35-85cj-fj4p']);
});

test('DR10 the gateways of a stack, and no other project’s', () => {
  const container = (name: string, project: string, mounts: string[]) => ({
    name,
    image: project === 'carrel' ? 'carrel-gateway:0.1.0' : 'nginx',
    labels: { 'com.docker.compose.project': project },
    mounts,
  });
  expect(
    mountsOf([
      container('carrel-gateway-1', 'carrel', ['/var/lib/docker/volumes/carrel_gateway/_data']),
      container('carrel-gateway-2', 'carrel', ['/run/user/1000/docker.sock']),
      container('shop-gateway-1', 'shop', ['/var/run/docker.sock']),
    ]),
  ).toEqual([
    { container: 'carrel-gateway-1', socket: false },
    { container: 'carrel-gateway-2', socket: true },
  ]);
});

test('the .env of a stack becomes the settings of its gateway', () => {
  const env = ofStack(
    {
      CARREL_PUBLIC_URL: 'https://notebooks.uni.edu',
      CARREL_HOSTS: '',
      STACK_ENGINE_SOCKET: '/run/user/1000/docker.sock',
      STACK_VERSION: '1.2.0',
    },
    '/srv/stack',
    '0.1.0',
  );
  expect(env).toMatchObject({
    CARREL_BIND: '0.0.0.0',
    CARREL_PUBLIC_URL: 'https://notebooks.uni.edu',
    CARREL_KERNEL_IMAGE: 'carrel-kernel:1.2.0',
    CARREL_POLICIES: '/srv/stack/policies',
    DOCKER_HOST: 'unix:///run/user/1000/docker.sock',
  });
  expect(env).not.toHaveProperty('CARREL_HOSTS');
});

test('a file that never ends is read to its bound', async () => {
  expect(await text('/dev/zero')).toHaveLength(1024 * 1024);
  expect(await text('/nowhere/at/all')).toEqual({ unseen: 'no such file: /nowhere/at/all' });
});

test('secrets and their modes, as the first start leaves them', async () => {
  const data = folder();
  const settings = settingsOf({ CARREL_DATA: data });
  expect(await fileFacts(settings)).toMatchObject([{ what: 'data folder' }]);
  writeFileSync(join(data, 'secrets.json'), '{}', { mode: 0o600 });
  chmodSync(join(data, 'secrets.json'), 0o640);
  const facts = await fileFacts(settings);
  expect(facts).toContainEqual(expect.objectContaining({ what: 'keys', mode: 0o640, forbidden: 0o077, own: true }));
});

test('DR6 looking at a database makes and changes nothing', async () => {
  const data = folder();
  expect(await schemaState(data)).toBeUndefined();
  await (await openStore(data))[Symbol.asyncDispose]();
  const before = readFileSync(join(data, 'carrel.sqlite'));
  const state = await schemaState(data);
  expect(state?.applied).toEqual(state?.known);
  expect(readFileSync(join(data, 'carrel.sqlite')).equals(before)).toBe(true);
});

test('BK12 the last backup is read from the database', async () => {
  const data = folder();
  await using store = await openStore(data);
  expect(await schemaState(data)).not.toHaveProperty('backup');
  await store.audit.append([5, 7].map((at) => ({ event: 'backup.made', via: 'command', at })));
  expect(await schemaState(data)).toMatchObject({ backup: 7 });
});

test('DR6 an engine that says nothing ends the waiting', async () => {
  const silent = createPlain(() => {});
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const { port } = silent.address() as { port: number };
  const data = join(folder(), 'data');
  const environment = { CARREL_DATA: data, CARREL_PORT: '1', DOCKER_HOST: `tcp://127.0.0.1:${port}` };
  const facts = await gatherFacts(environment, { engineMs: 300 });
  silent.close();
  expect(facts.engine).toMatchObject({ unseen: expect.stringMatching(/took longer|no Docker engine/) });
  expect(isSeen(facts.settings)).toBe(true);
  expect(() => readFileSync(data)).toThrow(/ENOENT/);
});

test('settings that cannot be read are a fact, and hide what needs them', async () => {
  const facts = await gatherFacts({ CARREL_NONSENSE: '1', DOCKER_HOST: 'unix:///nowhere.sock' }, { engineMs: 2000 });
  expect(facts.settings).toMatchObject({ unseen: expect.stringMatching(/CARREL_NONSENSE/) });
  expect(facts.schema).toMatchObject({ unseen: expect.stringMatching(/settings/) });
});

test('the certificate, its names and HSTS, as the address shows them', async () => {
  const made = folder();
  mkdirSync(made, { recursive: true });
  const [key, cert] = [join(made, 'key.pem'), join(made, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:desk.example'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '20', ...subject],
    { stdio: 'ignore' },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => {
    answer.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains').end('hello');
  });
  const port = await listen(server);
  expect(await siteFacts(`https://localhost:${port}`)).toMatchObject({
    hsts: 31_536_000,
    certificate: {
      host: 'localhost',
      names: ['localhost', 'desk.example'],
      matches: true,
      distrust: expect.any(String),
    },
  });
  expect(await siteFacts(`https://127.0.0.1:${port}`)).toMatchObject({ certificate: { matches: false } });
  server.closeAllConnections();
  server.close();
  expect(await siteFacts(`https://localhost:${port}`)).toMatchObject({
    certificate: { unseen: expect.stringMatching(/does not answer/) },
  });
  expect(await siteFacts('http://localhost')).toMatchObject({ hsts: { unseen: expect.stringMatching(/without TLS/) } });
});

const listen = (server: Server): Promise<number> =>
  new Promise((done) => server.listen(0, () => done((server.address() as { port: number }).port)));

test('of an engine on another machine nothing of this machine is told as if it were there', async () => {
  const certificates = folder();
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(certificates, name), '');
  const remote = { DOCKER_HOST: 'tcp://engine.invalid:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates };
  const { host, packages } = await gatherFacts(
    { ...remote, CARREL_DATA: folder(), CARREL_POLICIES: resolve('policies') },
    { engineMs: 100 },
  );
  const there = unseen('the engine runs on another host: run carrel doctor there');
  expect(new Set([...Object.values(host.sysctls), host.cgroup, host.openPorts, host.accounts, host.ksm])).toEqual(
    new Set([there]),
  );
  expect(packages.runc).toEqual(there);
  expect(isSeen(host.system)).toBe(true);
});
