/** The whole program as a process: what it prints, what it refuses, what becomes of the printed address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { openKernel, rest } from '../support/jupyter.ts';

const main = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');

describe('running', () => {
  let carrel: Carrel;
  beforeAll(async () => {
    carrel = await startCarrel();
  });
  afterAll(async () => {
    await carrel?.stop();
  });

  test('the printed address is for admin; a second program on the same data is refused', async () => {
    expect((await rest(carrel, 'GET', '/api/me')).json.identity.username).toBe('admin');
    const { code, out } = await carrel.command('serve');
    expect([code, out]).toEqual([78, expect.stringMatching(/another Carrel is running on the data folder/)]);
    expect((await rest(carrel, 'GET', '/api/status')).status).toBe(200);
  });

  test('AC25 people are added, disabled and their tokens revoked while it runs; kernels of who is disabled end', async () => {
    await carrel.command('user', 'add', 'ada');
    const issue = async () => /\n(ey\S+)\n/.exec((await carrel.command('user', 'token', 'ada')).out)?.[1] ?? '';
    const ada = { url: carrel.url, token: await issue() };
    const other = { url: carrel.url, token: await issue() };
    const kernel = await openKernel(ada);
    expect((await kernel.run('print(6 * 7)')).text).toBe('42\n');
    const id = /token (\S+) /.exec((await carrel.command('user', 'list')).out.split('\nada')[1] ?? '')?.[1] ?? '';
    await carrel.command('user', 'token', '--revoke', id);
    await expect.poll(() => kernel.closed?.code, { timeout: 5000 }).toBe(1008);
    expect((await rest(ada, 'GET', '/api/kernels')).status).toBe(401);
    expect((await rest(other, 'GET', '/api/kernels')).json).toHaveLength(1);
    await carrel.command('user', 'disable', 'ada');
    expect((await rest(other, 'GET', '/api/kernels')).status).toBe(401);
    const owners = async () =>
      (await rest(carrel, 'GET', '/api/admin/sandboxes')).json.sandboxes.map(({ owner }: { owner: string }) => owner);
    await expect.poll(owners, { timeout: 20_000 }).not.toContain('ada');
    await carrel.command('user', 'enable', 'ada');
    expect((await rest(other, 'GET', '/api/kernels')).json).toEqual([]);
  });
});

/** Runs `carrel serve` without an engine until it ends by itself, or until `seen` finds what it looks for. */
async function serve(env: Record<string, string>, seen?: (log: string) => boolean) {
  const data = await mkdtemp(join(tmpdir(), 'carrel-serve-'));
  const engine = { DOCKER_HOST: `unix://${data}/no-engine.sock` };
  const child: ChildProcess = spawn(process.execPath, [main, 'serve'], {
    env: { ...process.env, ...engine, CARREL_DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      log += chunk;
      if (seen?.(log)) child.kill('SIGINT');
    });
  const code = await new Promise((done) => child.once('close', done));
  await rm(data, { recursive: true, force: true });
  return { code, log };
}

test('a port in use is named with its setting, and the program ends', async () => {
  const taken = createServer();
  const port = await new Promise<number>((done) =>
    taken.listen(0, '127.0.0.1', () => done((taken.address() as { port: number }).port)),
  );
  const { code, log } = await serve({ CARREL_PORT: String(port) });
  taken.close();
  expect(code).toBe(78);
  expect(log).toContain(`carrel: port ${port} is in use by another program; choose another with CARREL_PORT\n`);
  expect(log).not.toMatch(/is ready: /);
});

test('without an engine it says what it waits for, and Ctrl-C ends it with status 0', async () => {
  const waits = (log: string) => /Waiting for the container engine/.test(log);
  const { code, log } = await serve({ CARREL_PORT: '48765' }, waits);
  expect([code, log]).toEqual([0, expect.stringMatching(/no-engine\.sock/)]);
  expect(log).not.toMatch(/is ready: /);
});
