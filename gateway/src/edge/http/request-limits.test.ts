/** How many connections there may be; the rest of request-limits.ts is tested over HTTP (test/api/guard-requests.test.ts). */
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { CONNECTION_LIMITS, limitConnections } from './request-limits.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function serverWith(limits: { all: number; ofOne: number }, proxies: readonly string[] = []) {
  const server = createServer((_, response) => response.end('here'));
  limitConnections(server, proxies, limits);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  /** `here`, or `closed` where the connection is closed without an answer; it stays open. */
  const come = (): Promise<{ socket: Socket; answer: string }> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    return new Promise((done) => {
      socket.on('error', () => {});
      socket.once('close', () => done({ socket, answer: 'closed' }));
      socket.once('data', (data) => done({ socket, answer: String(data).endsWith('here') ? 'here' : String(data) }));
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    });
  };
  return { come, close: () => server.close() };
}

test('GU10 an address has so many connections and no more, until one of them has ended', async () => {
  const { come, close } = await serverWith({ all: 100, ofOne: 2 });
  const [first] = [await come(), await come()];
  expect(first.answer).toBe('here');
  expect((await come()).answer).toBe('closed');
  first.socket.destroy();
  await expect.poll(async () => (await come()).answer).toBe('here');
  close();
});

test('GU10 the connections of a proxy are bounded with all others only', async () => {
  const { come, close } = await serverWith({ all: 3, ofOne: 1 }, ['127.0.0.1']);
  for (let count = 0; count < 3; count += 1) expect((await come()).answer).toBe('here');
  expect((await come()).answer).toBe('closed');
  close();
});

test('GU10 the bounds are 25,000 of all and 4,000 of one', () => {
  expect(CONNECTION_LIMITS).toEqual({ all: 25_000, ofOne: 4000 });
});
