import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { isKernelId, type KernelId } from '../../gateway/src/base/ids.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';
import { handshake, raw, type TestEdge, testEdge } from '../support/edge.ts';
import { Kernel, openKernel, rest } from '../support/jupyter.ts';

const V1 = 'v1.kernel.websocket.jupyter.org';
let edge: TestEdge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

const kernelId = (text: string): KernelId => {
  if (!isKernelId(text)) throw new Error(text);
  return text;
};
const start = async (): Promise<KernelId> => kernelId((await rest(edge, 'POST', '/api/kernels')).json.id);
const channels = (id: string, query = '') => `ws://${edge.host}/api/kernels/${id}/channels${query}`;
const auth = () => ({ headers: { Authorization: `token ${edge.token}` } });

interface Frame {
  readonly data: Buffer;
  readonly binary: boolean;
}

/** A socket that notes what comes; `closed` resolves with the close code. */
async function connect(id: string, protocols: string[] = [], query = '') {
  const socket = new WebSocket(channels(id, query), protocols, auth());
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer, binary) => void frames.push({ data, binary }));
  const closed = new Promise<number>((done) => socket.once('close', (code) => done(code)));
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  const next = async (): Promise<Frame> => {
    await expect.poll(() => frames.length).toBeGreaterThan(0);
    return frames.shift() as Frame;
  };
  return { socket, closed, next, [Symbol.dispose]: () => socket.terminate() };
}

const request = (more: object = {}) => ({
  header: { msg_id: 'm1', msg_type: 'kernel_info_request', username: '', session: 's', date: 1.5, version: '5.3' },
  parent_header: {},
  metadata: {},
  content: { x: 1 },
  ...more,
});

describe('negotiation', () => {
  test.each([
    [V1, V1],
    [`x.example, ${V1}, y.example`, V1],
    ['x.example', undefined],
    [undefined, undefined],
  ])('offered %s, selected %s', async (offered, selected) => {
    const protocol = offered === undefined ? {} : { 'Sec-WebSocket-Protocol': offered };
    const headers = handshake({ Authorization: `token ${edge.token}`, ...protocol });
    const answer = await raw(edge, 'GET', `/api/kernels/${await start()}/channels`, headers);
    expect([answer.status, answer.headers['sec-websocket-protocol']]).toEqual([101, selected]);
  });

  test('no compression is negotiated', async () => {
    using open = await connect(await start(), [V1]);
    expect(open.socket.extensions).toBe('');
  });

  test('an upgrade to something else is 400', async () => {
    const headers = handshake({ Authorization: `token ${edge.token}`, Upgrade: 'h2c' });
    expect((await raw(edge, 'GET', `/api/kernels/${await start()}/channels`, headers)).status).toBe(400);
  });

  test('the session is the client’s session_id, or none; connections counts from the handshake on', async () => {
    const id = await start();
    using _one = await connect(id, [V1], '?session_id=abc');
    expect((await rest(edge, 'GET', `/api/kernels/${id}`)).json.connections).toBe(1);
    using _two = await connect(id);
    expect(edge.kernels.sessions(id)).toEqual(['abc', undefined]);
    _one.socket.terminate();
    await expect.poll(() => edge.kernels.clients(id).length).toBe(1);
  });

  test('AC2 another person’s kernel is not there', async () => {
    const id = await start();
    const { token } = await edge.person('mallory');
    const answer = await raw(
      edge,
      'GET',
      `/api/kernels/${id}/channels`,
      handshake({ Authorization: `token ${token}` }),
    );
    expect(answer.status).toBe(404);
  });
});

describe('messages', () => {
  test('v1 both ways, buffers and unknown header fields untouched', async () => {
    await using kernel = await openKernel(edge);
    const sent = kernel.send('shell', 'comm_msg', { a: 'ü' }, [Buffer.from([0, 255])]);
    const reply = await kernel.until('echo', (each) => each.parent_header.msg_id === sent);
    expect(reply).toMatchObject({ channel: 'shell', content: { a: 'ü' } });
    expect(edge.kernels.received.at(-1)?.buffers).toEqual([Buffer.from([0, 255])]);
  });

  test('the default format as text, with msg_id and msg_type at the top', async () => {
    using open = await connect(await start());
    open.socket.send(JSON.stringify(request()));
    const { data, binary } = await open.next();
    expect(binary).toBe(false);
    const json = JSON.parse(data.toString());
    expect(json).toMatchObject({ msg_type: 'kernel_info_reply', channel: 'shell', buffers: [], content: { x: 1 } });
    expect(json.msg_id).toBe(json.header.msg_id);
    expect(json.parent_header.date).toBe(1.5);
  });

  test('a binary message in a text frame, as servers in front relay it, is read', async () => {
    using open = await connect(await start());
    const text = Buffer.from(JSON.stringify(request({ channel: 'shell' })));
    const head = Buffer.alloc(12);
    for (const [index, value] of [2, 12, 12 + text.length].entries()) head.writeUInt32BE(value, 4 * index);
    open.socket.send(Buffer.concat([head, text, Buffer.from([255, 0, 1])]), { binary: false });
    await open.next();
    expect(edge.kernels.received.at(-1)?.buffers).toEqual([Buffer.from([255, 0, 1])]);
  });

  test('an unknown channel is dropped, the socket stays', async () => {
    using open = await connect(await start());
    open.socket.send(JSON.stringify(request({ channel: 'nosuch' })));
    open.socket.send(JSON.stringify(request({ content: { second: true } })));
    expect(JSON.parse((await open.next()).data.toString()).content).toEqual({ second: true });
  });

  test.each([
    ['v1', Buffer.alloc(0)],
    ['v1', Buffer.alloc(8, 255)],
    ['v1', 'text'],
    ['default', ''],
    ['default', '{'],
    ['default', '[]'],
    ['default', Buffer.alloc(4, 255)],
  ])('a frame that is not of the format (%s, %j) closes its socket and no other', async (format, frame) => {
    const id = await start();
    using good = await connect(id);
    using bad = await connect(id, format === 'v1' ? [V1] : []);
    bad.socket.send(frame);
    expect(await bad.closed).toBe(1007);
    good.socket.send(JSON.stringify(request()));
    await good.next();
  });

  test('messages to a client keep their order; sync calls back when they have arrived', async () => {
    const id = await start();
    using open = await connect(id, [V1]);
    const [client] = edge.kernels.clients(id);
    const arrived: number[] = [];
    open.socket.on('message', () => void arrived.push(arrived.length));
    for (let index = 0; index < 100; index += 1)
      client?.send(makeMessage('iopub', { msg_id: `i${index}`, msg_type: 'stream' }, {}, { text: 'x'.repeat(1000) }));
    const calls: string[] = [];
    await new Promise<void>((done) => {
      client?.sync(() => void calls.push(`first after ${arrived.length}`));
      client?.sync(() => {
        calls.push('second');
        done();
      });
    });
    expect(calls).toEqual(['first after 100', 'second']);
  });

  test('while the kernel takes no more, the client is not read', async () => {
    const id = await start();
    using open = await connect(id);
    let release = () => {};
    edge.kernels.gate = new Promise((done) => {
      release = done;
    });
    const before = edge.kernels.received.length;
    const big = JSON.stringify(request({ content: { x: 'x'.repeat(1_000_000) } }));
    for (let index = 0; index < 40; index += 1) open.socket.send(big);
    await open.next();
    await new Promise((next) => setTimeout(next, 200));
    expect(edge.kernels.received.length - before).toBe(1);
    expect(open.socket.bufferedAmount).toBeGreaterThan(20_000_000);
    edge.kernels.gate = undefined;
    release();
    await expect.poll(() => edge.kernels.received.length - before, { timeout: 10_000 }).toBe(40);
  });
});

describe('the end of a socket', () => {
  test('the kernel’s end closes it with 1000', async () => {
    const id = await start();
    using open = await connect(id);
    await rest(edge, 'DELETE', `/api/kernels/${id}`);
    expect(await open.closed).toBe(1000);
  });

  test('AC14 a revoked token and a disabled user lose their open sockets with 1008', async () => {
    const one = await edge.person('grace');
    const two = await edge.person('henry');
    const open = async (token: string) => openKernel({ url: edge.url, token });
    await using first = await open(one.token);
    await using second = await open(two.token);
    await using stays = await openKernel(edge);
    for (const { id } of await edge.store.tokens.ofUser(one.user.id)) await edge.store.tokens.revoke(id);
    await edge.store.users.setDisabled(two.user.id, true);
    await expect.poll(() => [first.closed?.code, second.closed?.code], { timeout: 5000 }).toEqual([1008, 1008]);
    expect(stays.closed).toBeUndefined();
  });

  test('a gateway that stops says 1012, which clients answer by coming back', async () => {
    const stopping = await testEdge();
    const kernel = await openKernel(stopping);
    await stopping[Symbol.asyncDispose]();
    await expect.poll(() => kernel.closed?.code).toBe(1012);
    await expect(new Kernel(stopping, kernel.id).connect()).rejects.toThrow();
  });

  test('a client that leaves its network without a word and one that answers no close do not hold a stop up', async () => {
    const stopping = await testEdge();
    const kernel = await openKernel(stopping);
    kernel.pause(true);
    const before = performance.now();
    await stopping[Symbol.asyncDispose]();
    /** Far from the 30 s for which ws waits by itself. */
    expect(performance.now() - before).toBeLessThan(15_000);
    kernel.drop();
  });
});
