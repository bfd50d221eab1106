/** Malformed upgrades and frames on the channels' WebSocket: a socket may be closed for it, nothing else happens. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../fault/support/until.ts';
import { encode, type Kernel, openKernel } from '../support/jupyter.ts';
import { cases, SEED, TwoTenants } from './two-tenants.ts';

const V1 = 'v1.kernel.websocket.jupyter.org';

let scene: TwoTenants;
let own: Kernel;

beforeAll(async () => {
  scene = await TwoTenants.start();
  own = await openKernel(scene.mallory);
});

afterAll(() => scene?.[Symbol.asyncDispose]());

const header = (type: string) => ({
  msg_id: 'fuzz',
  msg_type: type,
  username: '',
  session: 's',
  date: '',
  version: '5.3',
});
const type = fc.constantFrom(
  'kernel_info_request',
  'complete_request',
  'execute_request',
  'input_reply',
  'comm_msg',
  'shutdown',
  '__proto__',
  '',
);
const channel = fc.constantFrom('shell', 'control', 'stdin', 'iopub', '', '../x', 'shell\u0000', 'x'.repeat(70_000));
const content = fc.oneof(
  fc.constant({ code: '1', silent: true }),
  fc.object({ maxDepth: 3 }),
  fc.constant({ code: { a: 1 }, silent: 'yes', cursor_pos: -1 }),
);

const well = fc.tuple(channel, type, content, fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 3 }));
const wellV1 = well.map(([channel, type, content, buffers]) =>
  encode(
    channel,
    [header(type), {}, {}, content as object],
    buffers.map((any) => Buffer.from(any)),
  ),
);

/** Flips bytes, cuts, repeats, or lies about count and offsets. */
const spoilt = (frame: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(
      frame,
      fc.constantFrom('flip', 'cut', 'count', 'offset', 'twice', 'grow'),
      fc.nat(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    )
    .map(([frame, how, at, number]) => {
      const copy = Buffer.from(frame);
      const place = at % Math.max(1, copy.length);
      if (how === 'flip') copy[place] = (copy[place] ?? 0) ^ (1 + (at % 255));
      if (how === 'count') copy.writeBigUInt64LE(number, 0);
      if (how === 'offset') copy.writeBigUInt64LE(number, 8 * (1 + (at % 6)));
      if (how === 'cut') return copy.subarray(0, place);
      if (how === 'twice') return Buffer.concat([copy, copy]);
      if (how === 'grow') return Buffer.concat([copy, Buffer.alloc(at % 5000)]);
      return copy;
    });

const wellText = well.map(([channel, type, content]) =>
  JSON.stringify({ channel, header: header(type), parent_header: {}, metadata: {}, content, buffers: [] }),
);

const frame: fc.Arbitrary<Buffer | string> = fc.oneof(
  spoilt(wellV1),
  wellV1,
  spoilt(wellText.map((text) => Buffer.from(text))).map(String),
  wellText,
  fc.uint8Array({ maxLength: 300 }).map((any) => Buffer.from(any)),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    '{}',
    '[]',
    'null',
    '7',
    '"x"',
    '{"header":null}',
    '{"header":{"msg_type":7},"channel":{}}',
    `${'['.repeat(200_000)}`,
  ),
  fc.constantFrom(Buffer.alloc(0), Buffer.alloc(8, 0xff), Buffer.alloc(64), Buffer.alloc(3_000_000, 0xff)),
  fc.constant(Buffer.from([0x80, 0, 0, 0, ...new Array(64).fill(0xff)])),
);

test.each([
  ['v1', [V1]],
  ['default', []],
] as const)(`frames that are no messages, in the %s format (seed ${SEED})`, async (_, protocols) => {
  const before = { fds: await scene.descriptors(), memory: await scene.memory() };
  let socket: WebSocket | undefined;
  for (const data of cases(frame, 1500)) {
    if (socket === undefined || socket.readyState !== socket.OPEN) socket = await open(protocols);
    await new Promise((sent) => socket?.send(data, { binary: typeof data !== 'string' }, sent));
  }
  socket?.terminate();
  await fresh();
  await scene.unharmed();
  await until('descriptors are given back', async () => (await scene.descriptors()) <= before.fds + 12);
  expect(await scene.memory()).toBeLessThan(before.memory + 200 * 2 ** 20);
});

/** RFC 6455's own frames, wrong: opcodes, reserved bits, no mask, lengths that are never filled. */
const wire = fc.oneof(
  fc
    .tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 40 }))
    .map(([a, b, rest]) => Buffer.from([a, b, ...rest])),
  fc.constantFrom(
    Buffer.from([0x82, 0x05, 1, 2, 3, 4, 5]),
    Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]),
    Buffer.from([0x09, 0x80, 0, 0, 0, 0]),
    Buffer.from([0x88, 0x81, 0, 0, 0, 0, 1]),
    Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0xff, 0xff]),
    Buffer.from([0xc2, 0x80, 0, 0, 0, 0]),
    Buffer.from([0x80, 0x80, 0, 0, 0, 0]),
    Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from([0x00, 0x80, 0, 0, 0, 0]))),
    Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0]))),
  ),
);

interface Upgrade {
  readonly path: string;
  readonly session: string;
  readonly version: string;
  readonly key: string;
  readonly protocol: string;
  readonly token: boolean;
  readonly frames: readonly Buffer[];
}

const upgrade: fc.Arbitrary<Upgrade> = fc.record({
  path: fc.constantFrom('OWN', 'OWN', 'OWN', 'ALICE', 'x', '', '%00', '../..', 'OWN%2f..'),
  session: fc.constantFrom(
    '',
    '?session_id=s',
    `?session_id=${'s'.repeat(5000)}`,
    '?session_id=%00%ff',
    '?token=x&session_id=a&session_id=b',
  ),
  version: fc.constantFrom('13', '13', '13', '8', '0', 'x'),
  key: fc.constantFrom('dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ==', '', 'short', 'x'.repeat(500)),
  protocol: fc.constantFrom('', V1, 'other', `${V1}, ${V1}`, ',,,', '\u0001', 'a '.repeat(300)),
  token: fc.constantFrom(true, true, true, false),
  frames: fc.array(wire, { maxLength: 4 }),
});

test(`upgrades and WebSocket frames that break RFC 6455 (seed ${SEED})`, async () => {
  const before = await scene.descriptors();
  const { hostname, port } = new URL(scene.carrel.url);
  const visit = async ({ path, session, version, key, protocol, token, frames }: Upgrade) => {
    const kernel = path.replace('OWN', own.id).replace('ALICE', scene.alicesKernel);
    const lines = [
      `GET /api/kernels/${kernel}/channels${session} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
    ];
    lines.push(`Sec-WebSocket-Version: ${version}`, `Sec-WebSocket-Key: ${key}`);
    if (protocol !== '') lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    if (token) lines.push(`Authorization: token ${scene.mallory.token}`);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await Promise.race([until('an answer', () => answer !== '', 2000).catch(() => {}), closed(socket)]);
    if (path === 'ALICE' || !token) expect(answer).not.toContain('101 Switching');
    for (const frame of frames) socket.write(frame);
    setTimeout(() => socket.destroy(), 50);
    if (!socket.destroyed) await closed(socket);
    scene.hear(answer);
    expect(answer).not.toMatch(/^HTTP\/1\.1 5(?!03)/);
  };
  const all = cases(upgrade, 800);
  for (let at = 0; at < all.length; at += 20) await Promise.all(all.slice(at, at + 20).map(visit));
  await fresh();
  await scene.unharmed();
  await until('descriptors are given back', async () => (await scene.descriptors()) <= before + 12);
});

async function open(protocols: readonly string[]): Promise<WebSocket> {
  const url = `${scene.mallory.url.replace('http', 'ws')}/api/kernels/${own.id}/channels?session_id=fuzz`;
  const socket = new WebSocket(url, [...protocols], { headers: { Authorization: `token ${scene.mallory.token}` } });
  socket.on('error', () => {});
  socket.on('message', (data) => scene.hear(String(data)));
  await once(socket, 'open');
  return socket;
}

const closed = (socket: Socket) => new Promise((done) => socket.once('close', done));

/** Mallory's own kernel, whose state the rubbish may have spoilt, can be had anew. */
async function fresh(): Promise<void> {
  await own[Symbol.asyncDispose]();
  own = await openKernel(scene.mallory);
  expect((await own.run('print(6 * 7)')).text).toBe('42\n');
}
