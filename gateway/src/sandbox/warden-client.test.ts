/** The warden's client against a scripted server on a Unix socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { PolicyName, SandboxId, WorksheetId } from '../base/ids.ts';
import { silentLogger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { SandboxWait } from '../wire/execution-facts.ts';
import type { WardenEvent } from '../wire/warden-api.ts';
import { type Queued, WardenClient } from './warden-client.ts';

const sandbox = {
  ...{ id: '0123456789abcdef', policy: 'standard', worksheet: 'w-1', state: 'claimed' },
  ...{ pooled: true, memoryLimit: 1, createdAt: 1, claimedAt: 2 },
};
const id = sandbox.id as SandboxId;
const scope = () => Scope.withDeadline('the test', 5000);
const lines = (...objects: object[]) => objects.map((object) => `${JSON.stringify(object)}\n`).join('');

let folder: string;
let path: string;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let client: WardenClient;

async function listen(): Promise<void> {
  server = createServer((request, response) => answer(request, response));
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: carrel-stdio\r\n\r\nearly ');
    socket.on('data', (chunk) => socket.end(`echo ${chunk}`));
  });
  await new Promise<void>((done) => server.listen(path, done));
}

async function stop(): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-warden-'));
  path = join(folder, 'warden.sock');
  client = new WardenClient(path, systemClock, silentLogger);
  await listen();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const open = (queued?: Queued) => client.open('standard' as PolicyName, 'w-1' as WorksheetId, scope(), queued);

describe('opening', () => {
  it('asks for a policy and a worksheet, tells each place in the queue, answers the sandbox', async () => {
    let body = '';
    answer = (request, response) => {
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        response.write(lines({ type: 'queued', place: 2, of: 3, expectedMs: 10 }));
        response.end(lines({ type: 'queued', place: 1, of: 3, expectedMs: 5 }, { type: 'opened', sandbox }));
      });
    };
    const waits: SandboxWait[] = [];
    expect(await open((wait) => waits.push(wait))).toEqual(sandbox);
    expect(waits).toEqual([
      { place: 2, of: 3, expectedMs: 10 },
      { place: 1, of: 3, expectedMs: 5 },
    ]);
    expect(JSON.parse(body)).toEqual({ policy: 'standard', worksheet: 'w-1' });
  });

  it.each([
    ['as a status', 503, JSON.stringify({ error: { code: 'no_capacity', message: '15.5 of 16 GiB in use' } })],
    [
      'as the last line',
      200,
      lines({ type: 'error', error: { code: 'no_capacity', message: '15.5 of 16 GiB in use' } }),
    ],
  ])('a refusal keeps its code and its words: %s', async (_, status, text) => {
    answer = (_request, response) => response.writeHead(status).end(text);
    await expect(open()).rejects.toMatchObject({ code: 'no_capacity', message: '15.5 of 16 GiB in use' });
  });

  it('asks again when the warden dies in the middle of its answer', async () => {
    let asked = 0;
    answer = (_, response) => {
      asked += 1;
      if (asked > 1) return response.end(lines({ type: 'opened', sandbox }));
      response.write(lines({ type: 'queued', place: 1, of: 1, expectedMs: 1 }));
      return setImmediate(() => response.destroy());
    };
    expect(await open()).toEqual(sandbox);
    expect(asked).toBe(2);
  });
});

describe('a warden that is away', () => {
  it('is waited for while it restarts', async () => {
    await stop();
    const listed = client.list(scope());
    await listen();
    answer = (_, response) => response.end(JSON.stringify([sandbox]));
    expect(await listed).toEqual([sandbox]);
  });

  it('is named by its socket when it does not come, and by the deadline when that comes first', async () => {
    const wrong = new WardenClient(join(folder, 'nobody.sock'), systemClock, silentLogger);
    await expect(wrong.stream(id)).rejects.toMatchObject({
      code: 'warden_unavailable',
      message: expect.stringContaining('nobody.sock'),
    });
    const soon = Scope.withDeadline('listing', 100);
    await expect(wrong.list(soon)).rejects.toMatchObject({ code: 'timeout', message: /^listing took longer/ });
  });
});

describe('the rest', () => {
  it('a sandbox that has gone already is closed', async () => {
    answer = (_, response) => response.writeHead(404).end('{}');
    await expect(client.close(id, scope())).resolves.toBeUndefined();
  });

  it('the stream is a pipe in both directions, from its first byte', async () => {
    const stream = await client.stream(id);
    let seen = '';
    stream.on('data', (chunk) => {
      seen += chunk;
    });
    stream.write('x');
    await expect.poll(() => seen).toBe('early echo x');
    stream.destroy();
  });

  it('events come again after the warden restarted, beginning with what there is', async () => {
    answer = (_, response) => void response.write(lines({ type: 'snapshot', sandboxes: [sandbox] }));
    const events: WardenEvent[] = [];
    const until = new AbortController();
    client.events(until.signal, (event) => events.push(event));
    await expect.poll(() => events.length).toBe(1);
    await stop();
    await listen();
    await expect.poll(() => events.length).toBe(2);
    expect(events.map((event) => event.type)).toEqual(['snapshot', 'snapshot']);
    until.abort();
  });

  it('an answer that is not of the schema is no answer', async () => {
    answer = (_, response) => response.end(JSON.stringify([{ ...sandbox, image: 'x' }]));
    await expect(client.list(scope())).rejects.toThrow(/image/);
  });
});
