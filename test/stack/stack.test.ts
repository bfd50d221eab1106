/**
 * An installation from nothing to its removal: the first start, a worksheet through the proxy, a gateway that is killed, an upgrade with
 * a worksheet open, and what is left at the end.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import type { ContainerInspectInfo } from 'dockerode';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBaseImage } from '../../setup/base-images.ts';
import { ensureEngine } from '../../setup/engine.ts';
import { ensureReleaseImages, imageOf, PARTS } from '../../setup/release-images.ts';
import { CADDY_IMAGE, COMPOSE_IMAGE, POSTGRES_IMAGE, REDIS_IMAGE } from '../../setup/stand-ins.ts';
import { cell, picture, SOON, saved, shows, sources, startBrowser } from '../e2e/worksheet-browser.ts';
import { rest } from '../support/jupyter.ts';
import { Installation } from './compose.ts';
import { engineOfTests, makeReleases, type Releases, removeReleases } from './engine.ts';

const PASSWORD = 'correct horse battery';
const CAPABILITIES: Record<string, string[]> = {
  init: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID'],
  proxy: ['NET_BIND_SERVICE'],
  warden: ['SETGID', 'SETUID'],
};
const docker = engineOfTests();
let stack: Installation;
let browser: Browser;
let page: Page;
let releases: Releases;

beforeAll(async () => {
  const engine = await ensureEngine();
  const tag = await ensureReleaseImages(engine);
  for (const image of [CADDY_IMAGE, COMPOSE_IMAGE, POSTGRES_IMAGE, REDIS_IMAGE]) await ensureBaseImage(engine, image);
  releases = await makeReleases(tag);
  stack = await Installation.make({ STACK_VERSION: releases.older });
  browser = await startBrowser();
  page = await (await browser.newContext({ viewport: { width: 1100, height: 850 }, locale: 'en-GB' })).newPage();
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await stack?.[Symbol.asyncDispose]();
  if (releases !== undefined) await removeReleases(releases);
});

/** By their service's name. */
async function containers(): Promise<Map<string, ContainerInspectInfo>> {
  const label = [`com.docker.compose.project=${stack.project}`];
  const listed = await docker.listContainers({ all: true, filters: { label } });
  const found = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  return new Map(found.map((each) => [each.Config.Labels['com.docker.compose.service'] ?? '', each]));
}

/** The numbers of the users that its processes run as, without the one that only passes signals on. */
async function userOf(container: ContainerInspectInfo | undefined): Promise<string> {
  const top = await docker.getContainer(container?.Id ?? '').top({ ps_args: '-eo pid,uid,comm' });
  const rows = (top as { Processes: string[][] }).Processes.filter(([, , name]) => name !== 'docker-init');
  return [...new Set(rows.map(([, user]) => user))].join(' ');
}

/** Its worksheets, once the page shows them. Throws with what it shows instead, and what the gateway said. */
async function atHome(): Promise<void> {
  try {
    await page.waitForSelector('.home');
    await page.getByText('Loading').waitFor({ state: 'detached', ...SOON });
  } catch (cause) {
    const shown = `${page.url()}\n${await page.innerText('body').catch(String)}`;
    const { out } = await stack.compose('logs', '--no-color', '--tail', '15', 'gateway', 'proxy');
    throw new Error(`the page does not show the worksheets but ${shown}\n${out}`, { cause });
  }
}

async function signIn(): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${stack.url}/signin`);
  await page.fill('#name', 'admin');
  await picture(page, 'stack-sign-in');
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await atHome();
}

const script = (service: string, code: string) => stack.compose('exec', '-T', service, 'node', '-e', code);

test('DP1 the first start prints a link, by which the first administrator sets a password and comes in through the proxy', async () => {
  /** An earlier attempt has used its link up. */
  await stack.done('down', '--volumes');
  await stack.done('up', '--detach', '--wait', '--no-build');
  const link =
    /http:\S+invite#[\w-]{43}/.exec(await stack.done('logs', '--no-log-prefix', 'gateway'))?.[0] ?? 'no link';
  expect(link).toContain(`${stack.url}/invite#`);
  await page.goto(link);
  await picture(page, 'stack-link');
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await atHome();
  await picture(page, 'stack-home');
  await page.context().clearCookies();
  await page.goto(link);
  await page.getByRole('heading', { name: 'no longer good' }).waitFor(SOON);
  await signIn();
});

test('DP5 every service has a read-only root, no capability it does not need, bounds, and a user of its own', async () => {
  const all = await containers();
  expect([...all.keys()].sort()).toEqual([
    'gateway',
    'init',
    'kernel',
    'postgres',
    'proxy',
    'ready',
    'redis',
    'warden',
  ]);
  for (const [service, { HostConfig: host }] of all) {
    expect([service, host.ReadonlyRootfs, host.Privileged]).toEqual([service, true, false]);
    expect([service, host.CapDrop, [...(host.CapAdd ?? [])].sort()]).toEqual([
      service,
      ['ALL'],
      CAPABILITIES[service] ?? [],
    ]);
    expect([service, host.SecurityOpt]).toEqual([service, ['no-new-privileges:true']]);
    expect([service, (host.Memory ?? 0) > 0, (host.PidsLimit ?? 0) > 0]).toEqual([service, true, true]);
    const runsOnce = ['init', 'kernel', 'ready'].includes(service);
    expect([service, host.RestartPolicy?.Name]).toEqual([service, runsOnce ? 'no' : 'unless-stopped']);
  }
  const users = new Map<string, string>();
  for (const service of ['proxy', 'gateway', 'warden', 'postgres', 'redis']) {
    const status = await stack.done('exec', '-T', service, 'cat', '/proc/self/status');
    users.set(service, await userOf(all.get(service)));
    expect([service, /^NoNewPrivs:\s+(\d)/m.exec(status)?.[1]]).toEqual([service, '1']);
  }
  expect(Object.fromEntries(users)).toEqual({
    proxy: '10003',
    gateway: '10001',
    warden: '10002',
    postgres: '999',
    redis: '10004',
  });
});

test('DP6 the warden alone has the engine’s socket, and no network; its process has no capability left', async () => {
  const all = await containers();
  const holders = [...all].filter(([, { Mounts }]) =>
    Mounts.some(({ Destination }) => Destination.endsWith('docker.sock')),
  );
  expect(holders.map(([service]) => service)).toEqual(['warden']);
  expect(all.get('warden')?.HostConfig.NetworkMode).toBe('none');
  const own = await stack.done(
    'exec',
    '-T',
    'warden',
    'sh',
    '-c',
    'for p in /proc/[0-9]*; do grep -q entry.mjs $p/cmdline && cat $p/status; done',
  );
  expect(own).toMatch(/^Uid:\s+10002\s+10002\s+10002\s+10002$/m);
  expect(own).toMatch(/^CapEff:\s+0000000000000000$/m);
  expect(own).toMatch(/^CapPrm:\s+0000000000000000$/m);
});

test('DP7 only the proxy is published; the gateway alone reaches the stores and the warden, and nothing beyond', async () => {
  const all = await containers();
  const published = [...all].filter(([, { HostConfig }]) => Object.keys(HostConfig.PortBindings ?? {}).length > 0);
  expect(published.map(([service]) => service)).toEqual(['proxy']);
  const networks = Object.fromEntries(
    [...all].map(([service, { NetworkSettings }]) => [
      service,
      Object.keys(NetworkSettings.Networks)
        .map((name) => name.replace(`${stack.project}_`, ''))
        .sort(),
    ]),
  );
  expect(networks).toMatchObject({
    ...{ proxy: ['inner', 'public'], gateway: ['inner', 'stores'], postgres: ['stores'], redis: ['stores'] },
    ...{ warden: ['none'], init: ['none'], kernel: ['none'], ready: ['none'] },
  });
  for (const name of ['inner', 'stores'])
    expect([name, (await docker.getNetwork(`${stack.project}_${name}`).inspect()).Internal]).toEqual([name, true]);
  const reach = (host: string, port: number) =>
    script(
      'gateway',
      `
    const socket = require('node:net').connect(${port}, '${host}');
    socket.setTimeout(3000, () => socket.destroy(new Error('no answer')));
    socket.on('connect', () => { console.log('reached'); process.exit(); });
    socket.on('error', (error) => { console.log(error.code ?? error.message); process.exit(); });`,
    );
  expect((await reach('postgres', 5432)).out).toContain('reached');
  expect((await reach('redis', 6379)).out).toContain('reached');
  for (const store of ['postgres:5432', 'redis:6379'])
    expect((await stack.compose('exec', '-T', 'proxy', 'wget', '-q', '-T', '3', `http://${store}/`)).out).toMatch(
      /bad address|unable to resolve/,
    );
  const interfaces = await script('warden', 'console.log(Object.keys(require("node:os").networkInterfaces()).join())');
  expect(interfaces.out.trim()).toBe('lo');
  const sockets = [...all].filter(([, { Mounts }]) => Mounts.some(({ Destination }) => Destination === '/run/carrel'));
  expect(sockets.map(([service]) => service).sort()).toEqual(['gateway', 'warden']);
});

test('DP3 no password stands in an environment, on a command line or in a log', async () => {
  const password = (await stack.done('exec', '-T', 'postgres', 'cat', '/run/secrets/postgres/password')).trim();
  const rule = await stack.done('exec', '-T', 'redis', 'cat', '/run/secrets/redis/redis.conf');
  const secrets = [password, rule.trim().replace('requirepass ', '')];
  expect(secrets.map((secret) => secret.length)).toEqual([43, 43]);
  const all = await containers();
  const running = ['proxy', 'gateway', 'warden', 'postgres', 'redis'].map((service) =>
    docker.getContainer(all.get(service)?.Id ?? '').top({ ps_args: '-eo pid,args' }),
  );
  const processes = JSON.stringify(await Promise.all(running));
  expect(processes).toContain('redis-server');
  const shown = JSON.stringify([...all.values()]) + processes + (await stack.done('logs', '--no-color'));
  for (const secret of secrets) expect(shown.includes(secret)).toBe(false);
  expect((await stack.compose('exec', '-T', 'redis', 'cat', '/run/secrets/postgres/password')).out).toContain(
    'Permission denied',
  );
  expect((await stack.compose('exec', '-T', 'gateway', 'cat', '/run/secrets/postgres/password')).out).toContain(
    'Permission denied',
  );
});

test('a worksheet is run through the proxy, and goes on when the gateway is killed', async () => {
  await page.goto(stack.url);
  await page.click('.new .main');
  await page.waitForSelector('.cell');
  await page.keyboard.press('Enter');
  await page.keyboard.insertText('kept = 6 * 7\nkept');
  await page.keyboard.press('Shift+Enter');
  await shows(page, 0, '42');
  await saved(page);
  await picture(page, 'stack-worksheet');
  const before = (await containers()).get('gateway')?.State.StartedAt;
  await script('gateway', 'process.kill(-1, "SIGKILL")');
  await expect.poll(async () => (await containers()).get('gateway')?.State.StartedAt, SOON).not.toBe(before);
  await page.keyboard.insertText('kept + 1');
  await page.keyboard.press('Shift+Enter');
  await shows(page, 1, '43');
  await saved(page);
});

test('DP14 of two gateways the second takes over what the first had when that one is killed', async () => {
  const named = (number: number) => docker.getContainer(`${stack.project}-gateway-${number}`);
  await stack.done('up', '--detach', '--wait', '--no-build', '--no-recreate', '--scale', 'gateway=2');
  expect((await named(2).inspect()).State.Health?.Status).toBe('healthy');
  /** What is killed through the engine, the engine does not start again. */
  await named(1).kill();
  await page.keyboard.insertText('kept + 2');
  await page.keyboard.press('Shift+Enter');
  await shows(page, 2, '44');
  await saved(page);
  expect((await named(1).inspect()).State.Running).toBe(false);
});

test('DP8 DP15 an upgrade keeps documents, sign-ins and files, leaves stores and proxy alone, and an open page goes on by itself', async () => {
  const id = page.url().split('/').at(-1);
  const token =
    /^eyJ\S+$|^[\w-]+\.[\w-]+\.[\w-]+$/m.exec(
      await stack.done('exec', '-T', 'gateway', 'carrel', 'user', 'token', 'admin'),
    )?.[0] ?? '';
  const server = { url: stack.url, token };
  const file = `/api/worksheets/${id}/files/data.csv`;
  const put = await rest(server, 'PUT', file, 'a,b\n1,2\n');
  expect([put.status < 300, put.text]).toEqual([true, expect.anything()]);
  const before = await containers();

  await stack.write({ STACK_VERSION: releases.newer });
  await stack.done('up', '--detach', '--wait', '--no-build');
  const now = await containers();
  expect(now.get('gateway')?.Image).not.toBe(before.get('gateway')?.Image);
  expect(now.get('warden')?.Config.Image).toBe(imageOf('warden', releases.newer));
  for (const service of ['postgres', 'redis', 'proxy'])
    expect([service, now.get(service)?.Id]).toEqual([service, before.get(service)?.Id]);

  await expect.poll(() => cell(page, 0).locator('.outputs').innerText(), SOON).toContain('42');
  await page.keyboard.insertText('sum(map(int, open("data.csv").read().split()[1].split(",")))');
  await page.keyboard.press('Shift+Enter');
  await shows(page, 3, '3');
  await saved(page);
  await page.reload();
  await page.waitForSelector('.cell');
  expect((await sources(page)).slice(0, 2)).toEqual(['kept = 6 * 7\nkept', 'kept + 1']);
  expect((await rest(server, 'GET', file)).text).toBe('a,b\n1,2\n');
  expect(await stack.done('logs', '--no-log-prefix', 'gateway')).not.toContain('invite#');
  await picture(page, 'stack-upgraded');
});

test('the commands work in the containers: an invitation, the doctor, and the bill of materials', async () => {
  const out = await stack.done('exec', '-T', 'gateway', 'carrel', 'user', 'invite', 'ada');
  expect(out).toContain(`${stack.url}/invite#`);
  const checks = ['secrets-modes', 'secrets-owners', 'database', 'schema', 'running'];
  const told = await stack.done('exec', '-T', 'gateway', 'carrel', 'doctor', '--only', ...checks);
  expect(told).toMatch(/^[1-9]\d* passed, 0 warnings, 0 failed, 0 not known;/m);
  for (const part of PARTS) {
    const bill = JSON.parse(await stack.done('exec', '-T', part, 'carrel', 'bill'));
    const names = bill.components.map(({ name }: { name: string }) => name);
    expect([bill.bomFormat, names]).toEqual([
      'CycloneDX',
      expect.arrayContaining(['node', 'libc6', 'express', 'yjs', 'react']),
    ]);
  }
});

test('BK1 BK3 a backup of the stack, made beside its work, becomes an installation on an embedded database in its own volume', async () => {
  const run = (...words: string[]) => `carrel ${words.join(' ')} --passphrase-file /tmp/passphrase`;
  const steps = [
    `echo ${PASSWORD} > /tmp/passphrase`,
    run('backup', '/var/lib/carrel/trial.backup'),
    run('backup', 'verify', '- < /var/lib/carrel/trial.backup'),
    run('restore', '/var/lib/carrel/trial.backup', '--embedded', '--into', '/var/lib/carrel/trial'),
    'ls /var/lib/carrel/trial',
    'rm -r /tmp/passphrase /var/lib/carrel/trial /var/lib/carrel/trial.backup',
  ];
  const out = await stack.done('exec', '-T', 'gateway', 'sh', '-c', steps.join(' && '));
  expect(out).toMatch(/the backup is whole: .*the keys, encrypted\nmade .* from PostgreSQL, /);
  expect(out).toMatch(/restored into \/var\/lib\/carrel\/trial: [\d,]+ rows, \d+ files? /);
  expect(out).toMatch(/^carrel\.sqlite\nfiles\nlock\.sqlite\nsecrets\.json\n/m);
});

test('DP15 without a gateway the proxy says so, and a page that it says it to loads itself again', async () => {
  await stack.done('stop', 'gateway');
  const ask = async (accept: string) => {
    const answer = await fetch(stack.url, { headers: { Accept: accept } });
    return [answer.status, answer.headers.get('retry-after'), await answer.text()];
  };
  const asked = Promise.all(['text/html,*/*;q=0.8', 'application/json'].map(ask));
  const visit = await page.goto(stack.url);
  expect([visit?.status(), await page.innerText('body')]).toEqual([503, expect.stringContaining('loads itself again')]);
  expect(await asked).toEqual([
    [503, '5', expect.stringMatching(/refresh.*Carrel is starting.*loads itself again/)],
    [503, '5', expect.stringMatching(/^Carrel is starting.*try again/)],
  ]);
  await stack.done('start', 'gateway');
  await atHome();
});

test('DP13 the proxy takes every way of STACK_TLS, and refuses another word', async () => {
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=notebooks.example.org'],
    ...['-keyout', join(stack.folder, 'ops/caddy/certificates/key.pem')],
    ...['-out', join(stack.folder, 'ops/caddy/certificates/certificate.pem')],
  ]);
  await chmod(join(stack.folder, 'ops/caddy/certificates/key.pem'), 0o644);
  const check = (way: string) =>
    stack.compose(
      ...['exec', '-T', '-e', `STACK_TLS=${way}`, '-e', 'CARREL_PUBLIC_URL=https://notebooks.example.org', 'proxy'],
      ...['caddy', 'validate', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'],
    );
  for (const way of ['auto', 'own', 'internal', 'off'])
    expect([way, (await check(way)).out]).toEqual([way, expect.stringContaining('Valid configuration')]);
  const { code, out } = await check('none');
  expect([code, out]).toEqual([1, expect.stringContaining('none')]);
});

test('DP13 over HTTPS plain HTTP leads there, and cookies and browsers stay with it', async () => {
  const secure = stack.url.replace(/^http:.*/, `https://localhost:${stack.httpsPort}`);
  await stack.write({ STACK_VERSION: releases.newer, STACK_TLS: 'internal', CARREL_PUBLIC_URL: secure });
  await stack.done('up', '--detach', '--wait', '--no-build');
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const other = await context.newPage();
  const answer = await other.goto(`${stack.url.replace('127.0.0.1', 'localhost')}/signin`);
  expect([other.url(), answer?.headers()['strict-transport-security']]).toEqual([
    `${secure}/signin`,
    expect.stringContaining('max-age='),
  ]);
  await other.fill('#name', 'admin');
  await other.fill('#password', PASSWORD);
  await other.press('#password', 'Enter');
  await other.waitForSelector('.home');
  expect((await context.cookies()).map(({ secure: marked }) => marked)).not.toContain(false);
  await context.close();
});

test('DP13 the site’s own certificate is what browsers are shown', async () => {
  const secure = `https://localhost:${stack.httpsPort}`;
  await stack.write({ STACK_VERSION: releases.newer, STACK_TLS: 'own', CARREL_PUBLIC_URL: secure });
  await stack.done('up', '--detach', '--wait', '--no-build');
  const socket = connect({ port: stack.httpsPort, servername: 'localhost', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  expect(socket.getPeerCertificate().subject).toEqual({ CN: 'notebooks.example.org' });
  socket.destroy();
});

test('DP9 `down --volumes` leaves nothing, no sandbox either', async () => {
  /** By the name that this installation's warden has for their image: others have other names for the same one. */
  const sandboxes = async () =>
    (await docker.listContainers({ all: true, filters: { label: ['carrel.instance'] } })).filter(
      ({ Image }) => Image === imageOf('kernel', releases.newer),
    );
  await expect.poll(async () => (await sandboxes()).length, SOON).toBeGreaterThan(0);
  await stack.done('down', '--volumes');
  const filters = { label: [`com.docker.compose.project=${stack.project}`] };
  expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  expect(await sandboxes()).toEqual([]);
  expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
  expect(await docker.listNetworks({ filters })).toEqual([]);
});
