/** Downloads over real HTTP whose readers stand still or leave; what the routes are otherwise is tested in test/api/files.test.ts. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type ErrorRequestHandler } from 'express';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFacts } from '../../auth/request-facts.ts';
import { systemClock } from '../../base/clock.ts';
import { toCarrelError } from '../../base/errors.ts';
import { isPolicyName, newSandboxId, newTokenId, newWorksheetId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import type { OpenSandbox } from '../../kernel/contract.ts';
import { openMemoryStore, type Store } from '../../store/store.ts';
import { KeptFiles } from '../../worksheet/kept/kept-files.ts';
import { addFileRoutes } from './file-routes.ts';

/** More than the buffers of two sockets take. */
const SIZE = 16 * 2 ** 20;
const LONG = { timeout: 10_000 };
const slow = { head: 1000, body: 1000, upload: 1000, silent: 0 };

let store: Store;
let folder: string;
let files: KeptFiles;
let server: Server;
let port: number;
const sockets: Socket[] = [];

const sandbox: OpenSandbox = {
  id: newSandboxId(),
  files: {
    list: async () => ({ files: [], cut: false, odd: 0, now: 0 }),
    read: async (_, begin, take) => {
      begin({ size: SIZE, mtime: 0 });
      await take(Buffer.alloc(SIZE));
      return { size: SIZE, mtime: 0 };
    },
    write: async () => {},
    remove: async () => {},
  },
};

beforeEach(async () => {
  store = await openMemoryStore();
  folder = await mkdtemp(join(tmpdir(), 'carrel-downloads-'));
  const { id: user, name } = await store.users.add('ada', 'member', 0);
  const policy = 'standard';
  if (!isPolicyName(policy)) throw new Error(policy);
  const worksheet = {
    ...{ id: newWorksheetId(), owner: user, title: 'x', policy, kernel: 'python3', kernelspec: 'python3' },
    ...{ createdAt: 0, changedAt: 0, trashedAt: null },
  };
  files = new KeptFiles({
    ...{ folder, records: store.files, worksheets: store.worksheets, users: store.users },
    ...{ clock: systemClock, logger: silentLogger },
    bound: () => ({ size: SIZE, count: 5 }),
    perPerson: 8 * SIZE,
    sandbox: () => sandbox,
  });
  const app = express();
  const principal = { user, name, role: 'member', via: { kind: 'token', id: newTokenId() } } as const;
  addFileRoutes(
    {
      person: (method, path, handle) => {
        app[method](path, async (request, response) => {
          await handle({ request, response, principal, facts: readFacts(request) });
        });
      },
    },
    { access: { require: async () => worksheet }, files, slow },
  );
  const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(toCarrelError(error).http).end();
  };
  app.use(refuse);
  server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  files.close();
  server.closeAllConnections();
  server.close();
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A download of which nothing is read. */
function unread(): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
  socket.on('error', () => {});
  socket.pause();
  sockets.push(socket);
  return socket;
}
const REQUEST = 'GET /api/worksheets/x/files/large.bin HTTP/1.1\r\nHost: x\r\n\r\n';
const copies = () => readdir(folder);
const connections = () => new Promise<number>((done) => server.getConnections((_, count) => done(count)));
const download = () => fetch(`http://127.0.0.1:${port}/api/worksheets/x/files/large.bin`);

it('WF25 a download that is not read is given up, though its connection sends on, and its copy is gone', async () => {
  slow.silent = 400;
  const socket = unread();
  await expect.poll(copies, LONG).toHaveLength(1);
  socket.write('GET /another HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const sending = setInterval(() => socket.write('x'), 50);
  await expect.poll(connections, LONG).toBe(0);
  clearInterval(sending);
  await expect.poll(copies, LONG).toEqual([]);
});

it('WF25 one that is read slowly arrives whole', async () => {
  slow.silent = 1000;
  const { body } = await download();
  const begun = Date.now();
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    const ahead = (size / SIZE) * 2.5 * slow.silent - (Date.now() - begun);
    if (ahead > 50) await new Promise((done) => setTimeout(done, ahead));
  }
  expect(size).toBe(SIZE);
  expect(Date.now() - begun).toBeGreaterThan(2 * slow.silent);
  await expect.poll(copies, LONG).toEqual([]);
});

it('WF24 a ninth is refused while eight are not read, and comes when one of them has left', async () => {
  slow.silent = 60_000;
  const eight = Array.from({ length: 8 }, unread);
  await expect.poll(copies, LONG).toHaveLength(8);
  expect((await download()).status).toBe(429);
  eight[0]?.destroy();
  await expect.poll(copies, LONG).toHaveLength(7);
  const answer = await download();
  expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, SIZE]);
});
