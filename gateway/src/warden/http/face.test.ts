/** The warden's face over a real Unix socket, in front of a warden on the fake engine. */
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policy, pool, WardenStage } from '../../../../test/support/warden.ts';
import { newSandboxId } from '../../base/ids.ts';
import { silentLogger } from '../../base/ports.ts';
import { greetAndEcho } from '../../engine/fake-container.ts';
import {
  errorBody,
  openProgress,
  sandboxModel,
  sandboxUsage,
  TERM,
  type WardenEvent,
  wardenEvent,
  wardenStatus,
} from '../../wire/warden-api.ts';
import { serveWarden, type WardenService, wardenServer } from './face.ts';
import { listenOnSocket } from './socket-file.ts';

let folder: string;
let stage: WardenStage;
let server: Server;
const path = () => join(folder, 'warden.sock');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-face-'));
  stage = await new WardenStage({ policies: [policy('sample', pool(1)), policy('bare')] }).start();
  server = wardenServer();
  await listenOnSocket(server, path());
  serveWarden(server, stage.warden, silentLogger);
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function ask(method: string, url: string, body?: string): Promise<{ status: number; text: string; lines: unknown[] }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path(), method, path: url, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const lines = text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as unknown);
        resolve({ status: response.statusCode ?? 0, text, lines });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
const open = (worksheet: string, name = 'sample') =>
  ask('POST', '/sandboxes', JSON.stringify({ policy: name, worksheet }));
const opened = async (worksheet: string, name?: string) => {
  const last = openProgress.parse((await open(worksheet, name)).lines.at(-1));
  if (last.type !== 'opened') throw new Error(`not opened: ${JSON.stringify(last)}`);
  return last.sandbox;
};

/** The raw stream, or the status of the refusal. */
function connect(id: string, upgrade = 'carrel-stdio'): Promise<Socket | number> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: 'Upgrade', Upgrade: upgrade };
    const asked = request({ socketPath: path(), path: `/sandboxes/${id}/stream`, headers, agent: false });
    asked.on('upgrade', (_, socket) => resolve(socket as Socket));
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}
const stream = async (id: string): Promise<Socket> => {
  const answer = await connect(id);
  if (typeof answer === 'number') throw new Error(`refused with ${answer}`);
  return answer;
};
const until = (socket: Socket, wanted: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes(wanted)) resolve(text);
    });
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
  });

describe('several gateways', () => {
  const send = (method: string, url: string, term: string | undefined, upgrade = false) =>
    new Promise<number>((resolve, reject) => {
      const fenced = term === undefined ? {} : { [TERM]: term };
      const headers = upgrade ? { ...fenced, Connection: 'Upgrade', Upgrade: 'carrel-stdio' } : fenced;
      const asked = request({ socketPath: path(), method, path: url, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('upgrade', (_, socket) => {
        socket.destroy();
        resolve(101);
      });
      asked.on('error', reject).end();
    });

  it('LC5 the one of a lower number than was seen opens, closes and attaches nothing; it may read', async () => {
    const { id } = await opened('w1');
    expect(await send('GET', `/sandboxes/${id}/stream`, '7', true)).toBe(101);
    expect(await send('GET', '/status', '8')).toBe(200);
    const late = [
      await send('GET', `/sandboxes/${id}/stream`, '7', true),
      await send('DELETE', `/sandboxes/${id}`, '7'),
      await send('POST', '/sandboxes', '7'),
      await send('DELETE', `/sandboxes/${id}`, 'x'),
    ];
    expect(late).toEqual([409, 409, 409, 409]);
    expect(await send('GET', '/sandboxes', '7')).toBe(200);
    expect((await ask('GET', '/sandboxes')).text).toContain(id);
    expect(await send('GET', `/sandboxes/${id}/stream`, '8', true)).toBe(101);
    expect(await send('DELETE', `/sandboxes/${id}`, '9')).toBe(204);
  });
});

describe('requests', () => {
  it('open, list, close', async () => {
    const sandbox = await opened('w1');
    expect(sandbox).toMatchObject({ worksheet: 'w1', state: 'claimed', pooled: true });
    const list = await ask('GET', '/sandboxes');
    expect(
      sandboxModel
        .array()
        .parse(JSON.parse(list.text))
        .map(({ id }) => id),
    ).toContain(sandbox.id);
    for (let count = 0; count < 2; count += 1) {
      expect(await ask('DELETE', `/sandboxes/${sandbox.id}`)).toMatchObject({ status: 204, text: '' });
    }
    await stage.settle();
    expect((await ask('GET', '/sandboxes')).text).not.toContain(sandbox.id);
  });

  it('WP15 an open that waits is told its place in lines, the last one is the sandbox', async () => {
    const { lines } = await open('w1', 'bare');
    expect(lines.map((line) => openProgress.parse(line).type)).toEqual(['queued', 'opened']);
  });

  it('an open that fails while it waits ends with a line that says so', async () => {
    stage.engine.images.clear();
    const { status, lines } = await open('w1', 'bare');
    expect(status).toBe(200);
    expect(lines.at(-1)).toMatchObject({ type: 'error', error: { code: 'image_missing' } });
  });

  it('the status fits its schema', async () => {
    wardenStatus.parse(JSON.parse((await ask('GET', '/status')).text));
  });

  it('AD4 what the sandboxes use fits its schema, and has those that run', async () => {
    const { id } = await opened('w1');
    const usage = sandboxUsage.array().parse(JSON.parse((await ask('GET', '/usage')).text));
    expect(usage).toContainEqual({ id, memory: 32 * 2 ** 20 });
  });

  it('ME2 metrics are told where they are on', async () => {
    const on = join(folder, 'on.sock');
    const other = wardenServer();
    await listenOnSocket(other, on);
    serveWarden(other, stage.warden, silentLogger, async () => 'carrel_info 1\n');
    const text = await new Promise<string>((done, fail) => {
      const asked = request({ socketPath: on, path: '/metrics', agent: false }, (response) => {
        response.setEncoding('utf8').on('data', done);
      });
      asked.on('error', fail).end();
    });
    expect(text).toBe('carrel_info 1\n');
    other.close();
  });

  it.each([
    ['GET', '/', undefined, 404],
    ['GET', '/metrics', undefined, 404],
    ['POST', '/usage', '{}', 404],
    ['POST', '/containers/create', '{}', 404],
    ['GET', '/sandboxes?all=1', undefined, 404],
    ['PUT', '/sandboxes', '{}', 404],
    ['DELETE', '/sandboxes/../status', undefined, 404],
    ['DELETE', '/sandboxes/nonsense', undefined, 400],
    ['POST', '/sandboxes', 'no json', 400],
    ['POST', '/sandboxes', '[]', 400],
    ['POST', '/sandboxes', '{"policy":"sample"}', 400],
    ['POST', '/sandboxes', '{"policy":"sample","worksheet":"../w"}', 400],
    ['POST', '/sandboxes', '{"policy":"../sample","worksheet":"w"}', 400],
    ['POST', '/sandboxes', '{"policy":"sample","worksheet":"w","image":"mine"}', 400],
    ['POST', '/sandboxes', '{"policy":"sample","worksheet":"w","HostConfig":{"Binds":["/:/host"]}}', 400],
    ['POST', '/sandboxes', `{"policy":"${'x'.repeat(5000)}"}`, 413],
    ['POST', '/sandboxes', '{"policy":"nothing","worksheet":"w"}', 404],
  ])('%s %s %s is refused with %i', async (method, url, body, status) => {
    const answer = await ask(method, url, body);
    expect(answer.status).toBe(status);
    const { error } = errorBody.parse(JSON.parse(answer.text));
    expect(error.message).not.toMatch(/\bat .*\.ts/);
  });

  it('what breaks inside is told without its stack', async () => {
    stage.journalFails = true;
    const { status, text } = await open('w1');
    expect(status).toBe(500);
    expect(text).not.toContain('.ts');
  });

  it('WP14 a client that hangs up leaves the queue', async () => {
    stage.engine.hooks.create = () => new Promise(() => {});
    const body = JSON.stringify({ policy: 'bare', worksheet: 'w1' });
    const asked = request({ socketPath: path(), method: 'POST', path: '/sandboxes', agent: false });
    asked.on('error', () => {});
    asked.end(body);
    await expect.poll(() => stage.poolOf('bare').waiting).toBe(1);
    asked.destroy();
    await expect.poll(() => stage.poolOf('bare').waiting).toBe(0);
  });
});

describe('streams', () => {
  it('SB20 carry bytes both ways', async () => {
    const { id } = await opened('w1');
    const socket = await stream(id);
    const heard = until(socket, 'hello');
    socket.write('hello');
    expect(await heard).toBe('hello');
    socket.destroy();
  });

  it('SB22 a later one replaces the earlier', async () => {
    const { id } = await opened('w1');
    const first = await stream(id);
    const closed = new Promise((resolve) => first.once('close', resolve));
    const second = await stream(id);
    await closed;
    const heard = until(second, 'x');
    second.write('x');
    await heard;
    second.destroy();
  });

  it('SB23 close when the sandbox does, after its last words', async () => {
    stage.engine.program = (process) => {
      greetAndEcho(process);
      process.onInput(() => {
        void process.write('last words');
        process.exit(0);
      });
    };
    const { id } = await opened('w1', 'bare');
    const socket = await stream(id);
    const ended = new Promise((resolve) => socket.once('end', resolve));
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    socket.write('bye');
    await ended;
    expect(heard).toBe('byelast words');
    socket.destroy();
  });

  it('are refused where there is no such sandbox, it is in the pool, or the upgrade is another one', async () => {
    const [member] = stage.warden.list();
    const { id } = await opened('w1').then(() => stage.warden.list().find((each) => each.worksheet) ?? { id: '' });
    expect(member?.id).toBe(id);
    await stage.settle();
    const waiting = stage.warden.list().find((each) => each.worksheet === undefined);
    expect(await connect(newSandboxId())).toBe(404);
    expect(await connect(waiting?.id ?? '')).toBe(404);
    expect(await connect(id, 'websocket')).toBe(400);
    expect(await connect('../..')).toBe(404);
    expect(await connect('nonsense')).toBe(400);
  });
});

describe('events', () => {
  it('begin with a snapshot and go on as things happen, each in its schema', async () => {
    const { id } = await opened('w1');
    const asked = request({ socketPath: path(), path: '/events', agent: false });
    asked.end();
    const lines: string[] = [];
    asked.on('response', (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => void lines.push(...chunk.split('\n').filter(Boolean)));
      response.on('error', () => {});
    });
    const events = () => lines.map((line) => wardenEvent.parse(JSON.parse(line)));
    await expect.poll(() => events()[0]).toMatchObject({ type: 'snapshot' });
    stage.warden.close(id);
    await expect.poll(events).toContainEqual({ type: 'exit', sandbox: id, reason: 'closed' });
    asked.destroy();
  });

  it('a reader that does not keep up is cut off', async () => {
    let told: (event: WardenEvent) => void = () => {};
    let subscribed = true;
    const quiet = join(folder, 'quiet.sock');
    const other = wardenServer();
    await listenOnSocket(other, quiet);
    const subscribe = (listener: (event: WardenEvent) => void) => {
      listener({ type: 'snapshot', sandboxes: [] });
      told = listener;
      return () => {
        subscribed = false;
      };
    };
    serveWarden(other, { ...stage.warden, subscribe } as unknown as WardenService, silentLogger);
    const asked = request({ socketPath: quiet, path: '/events', agent: false });
    asked.on('error', () => {});
    asked.end();
    const asking = new Promise<void>((resolve) => {
      asked.on('response', (response) => {
        response.on('error', () => {}).pause();
        resolve();
      });
    });
    await asking;
    const message = 'x'.repeat(100_000);
    for (let count = 0; count < 100; count += 1) told({ type: 'engine', available: true, message });
    await expect.poll(() => subscribed).toBe(false);
    asked.destroy();
    other.close();
  });
});

describe('the socket', () => {
  it('is for its owner only', () => {
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('DP4 is for the group too where its folder gives its files to a group, and to nobody else', async () => {
    const modes: Record<string, number> = {};
    for (const [name, mode] of [
      ['given', 0o2750],
      ['plain', 0o750],
      ['open', 0o2755],
    ] as const) {
      mkdirSync(join(folder, name));
      chmodSync(join(folder, name), mode);
      const other = wardenServer();
      await listenOnSocket(other, join(folder, name, 'w.sock'));
      modes[name] = statSync(join(folder, name, 'w.sock')).mode & 0o777;
      other.close();
    }
    expect(modes).toEqual({ given: 0o660, plain: 0o600, open: 0o600 });
  });

  it('is not taken from a warden that answers', async () => {
    await expect(listenOnSocket(wardenServer(), path())).rejects.toThrow(/a warden is running already at/);
    expect((await ask('GET', '/status')).status).toBe(200);
  });

  it('is taken over from one that died', async () => {
    const other = join(folder, 'dead.sock');
    const dead = createServer();
    await new Promise<void>((done) => dead.listen(other, done));
    /** Node removes the file when it closes; a killed process cannot. */
    const holder = join(folder, 'kept.sock');
    linkSync(other, holder);
    await new Promise((done) => dead.close(done));
    const next = wardenServer();
    await listenOnSocket(next, holder);
    next.close();
  });

  it('never replaces another file', async () => {
    writeFileSync(join(folder, 'precious'), 'x');
    await expect(listenOnSocket(wardenServer(), join(folder, 'precious'))).rejects.toThrow(
      /expected .* to be a socket/,
    );
  });

  it('names the limit when its path is too long', async () => {
    const long = join(folder, 'x'.repeat(108));
    await expect(listenOnSocket(wardenServer(), long)).rejects.toThrow(
      /at most 107 bytes, got \d+ .* shorter CARREL_DATA/,
    );
  });
});
