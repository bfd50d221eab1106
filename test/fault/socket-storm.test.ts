/** Two hundred clients that open sockets and drop them, in every stage of the handshake. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { Kernel, openKernel, rest } from '../support/jupyter.ts';
import { type Holdings, Host } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';
import { until } from './support/until.ts';

const CLIENTS = 200;

let policies: PolicyFolder;
let carrel: Carrel;
let host: Host;
let before: Holdings;

beforeAll(async () => {
  policies = await policyFolder({});
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  host = await Host.of(carrel);
  await (await openKernel(carrel))[Symbol.asyncDispose]();
  before = await host.holdings();
});

afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
});

test('200 clients open and drop sockets of one kernel, with and without a word, while its cell runs', async () => {
  const gateway = await carrel.pid('gateway');
  await using kernel = await openKernel(carrel);
  const id = kernel.execute('import time\nfor i in range(40): print(i, flush=True); time.sleep(0.05)');
  const visit = async (index: number) => {
    const other = new Kernel(carrel, kernel.id);
    await other.connect(randomUUID());
    if (index % 3 === 0) other.send('shell', 'kernel_info_request', {});
    if (index % 3 === 1) other.pause(true);
    await new Promise((next) => setTimeout(next, (index * 7) % 150));
    if (index % 5 === 0) other.close();
    else other.drop();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => visit(index)));
  await Promise.all([kernel.reply(id), kernel.idle(id)]);
  expect(kernel.text(id)).toBe(Array.from({ length: 40 }, (_, index) => `${index}\n`).join(''));
  await until('only our own connection is counted', async () => {
    const model = await rest(carrel, 'GET', `/api/kernels/${kernel.id}`);
    return model.json.connections === 1;
  });
  expect(await carrel.pid('gateway')).toBe(gateway);
});

test('200 clients that leave in the middle of the handshake, or never send it whole', async () => {
  const gateway = await carrel.pid('gateway');
  await using kernel = await openKernel(carrel);
  const { hostname, port } = new URL(carrel.url);
  const upgrade = [
    `GET /api/kernels/${kernel.id}/channels?session_id=s HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: token ${carrel.token}`,
    '',
    '',
  ].join('\r\n');
  const visit = (index: number) =>
    new Promise<void>((done) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.on('close', () => done());
      socket.write(upgrade.slice(0, Math.ceil((upgrade.length * (index + 1)) / CLIENTS)));
      setTimeout(() => (index % 2 === 0 ? socket.resetAndDestroy() : socket.end()), (index * 3) % 100);
      setTimeout(() => socket.destroy(), 500);
    });
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => visit(index)));
  expect((await kernel.run('print(6 * 7)')).text).toBe('42\n');
  expect(await carrel.pid('gateway')).toBe(gateway);
});

test('afterwards everything is back', () => host.backTo(before, 80 * 2 ** 20));
