/** The engine is not there at the start, or its socket goes away for a while: said in words, tried again, got over. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, startCarrel } from '../support/carrel.ts';
import { openKernel, rest } from '../support/jupyter.ts';
import { counted, counting, line } from './support/cells.ts';
import { engineSocket } from './support/docker.ts';
import { EngineProxy } from './support/engine-proxy.ts';
import { policyFolder } from './support/policies.ts';
import { until } from './support/until.ts';

async function proxyFolder() {
  const path = await mkdtemp(join(tmpdir(), 'carrel-proxy-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('no engine at the start: the message names the socket and says that it is tried again; then it is ready', async () => {
  await using folder = await proxyFolder();
  await using proxy = new EngineProxy(join(folder.path, 'docker.sock'), engineSocket());
  await using policies = await policyFolder({});
  const main = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');
  const settings = { CARREL_PORT: String(await freePort()), CARREL_DATA: join(folder.path, 'data') };
  const env = { ...process.env, ...settings, CARREL_POLICIES: policies.path, DOCKER_HOST: `unix://${proxy.path}` };
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((done) => child.once('exit', done));
  let log = '';
  child.stdout.on('data', (chunk) => (log += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  try {
    await until(
      'the message',
      () => log.includes(proxy.path) && /again|retr/i.test(log),
      20_000,
      () => log,
    );
    expect(log).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(child.exitCode).toBeNull();
    await proxy.start();
    await until(
      'it is ready',
      () => log.includes('Carrel is ready'),
      30_000,
      () => log,
    );
    const ready = new URL(/Carrel is ready: (\S+)/.exec(log)?.[1] ?? '');
    const server = { url: ready.origin, token: ready.searchParams.get('token') ?? '' };
    await using kernel = await openKernel(server);
    expect((await kernel.run('print(1 + 1)')).text).toBe('2\n');
  } finally {
    child.kill('SIGINT');
    await ended;
  }
});

test('the engine goes away in the middle of a cell: sockets stay, nothing is lost, and meanwhile refusals say why', async () => {
  await using folder = await proxyFolder();
  await using proxy = new EngineProxy(join(folder.path, 'docker.sock'), engineSocket());
  await proxy.start();
  await using policies = await policyFolder({});
  await using carrel = await startCarrel({ CARREL_POLICIES: policies.path, DOCKER_HOST: `unix://${proxy.path}` });
  await using kernel = await openKernel(carrel);
  await kernel.run('x = 45');
  const id = kernel.execute(counting(30, 0.1));
  await kernel.until('line 3', line('line 3'));
  await proxy.stop();
  const refused = await rest(carrel, 'POST', '/api/kernels', {});
  expect(refused.status).toBe(503);
  expect(refused.json.message).toMatch(/engine/i);
  await new Promise((next) => setTimeout(next, 1000));
  await proxy.start();
  await Promise.all([kernel.reply(id), kernel.idle(id)]);
  expect(kernel.text(id)).toBe(counted(30, 45));
  expect(kernel.closed).toBeUndefined();
  await until('kernels can be started again', async () => {
    const answer = await rest(carrel, 'POST', '/api/kernels', {});
    if (answer.status === 201) await rest(carrel, 'DELETE', `/api/kernels/${answer.json.id}`);
    return answer.status === 201;
  });
});
