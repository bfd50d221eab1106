import { Duplex, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DemuxedStream } from './attached-stream.ts';

/** A socket whose other end the test holds: `incoming` is what the engine sends, `written` what it got. */
function socketPair() {
  const incoming = new PassThrough();
  const written: Buffer[] = [];
  const outgoing = new PassThrough().on('data', (chunk: Buffer) => written.push(chunk));
  const socket = Duplex.from({ readable: incoming, writable: outgoing } as unknown as Iterable<Buffer>);
  return { socket, incoming, written };
}

const block = (kind: number, body: Buffer | string) => {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('the attach stream', () => {
  it('gives stdout whole and stderr aside, however the bytes are cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const blocks = fc.array(fc.tuple(fc.constantFrom(1, 2), bytes), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(blocks, fc.array(fc.integer({ min: 1, max: 20 })), async (sent, cuts) => {
        const { socket, incoming } = socketPair();
        const aside: string[] = [];
        const stream = new DemuxedStream(socket, (text) => aside.push(text));
        let rest = Buffer.concat(sent.map(([kind, body]) => block(kind, body)));
        for (const cut of cuts) {
          if (rest.length > 0) incoming.write(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        incoming.end(rest);
        const stdout = Buffer.concat(sent.filter(([kind]) => kind === 1).map(([, body]) => body));
        expect((await readAll(stream)).equals(stdout)).toBe(true);
        if (sent.every(([kind]) => kind === 1)) expect(aside).toEqual([]);
      }),
    );
  });

  it('keeps 4 KiB of stderr and drops the rest', async () => {
    const { socket, incoming } = socketPair();
    let aside = '';
    const stream = new DemuxedStream(socket, (text) => {
      aside += text;
    });
    for (let n = 0; n < 10; n++) incoming.write(block(2, 'e'.repeat(1000)));
    incoming.end(block(1, 'out'));
    expect(String(await readAll(stream))).toBe('out');
    expect(aside).toBe('e'.repeat(4096));
  });

  it('does not cut a character of stderr in two', async () => {
    const { socket, incoming } = socketPair();
    const aside: string[] = [];
    const stream = new DemuxedStream(socket, (text) => aside.push(text));
    const euro = Buffer.from('€');
    incoming.write(block(2, euro.subarray(0, 1)));
    incoming.end(block(2, euro.subarray(1)));
    await readAll(stream);
    expect(aside.join('')).toBe('€');
  });

  it('stops reading the socket while nobody reads it', async () => {
    const { socket, incoming } = socketPair();
    const stream = new DemuxedStream(socket);
    const flood = block(1, Buffer.alloc(64 * 1024));
    let taken = 0;
    while (incoming.write(flood) && taken < 100) taken++;
    await new Promise((resolve) => setImmediate(resolve));
    stream.read(0);
    for (let n = 0; n < 20; n++) {
      incoming.write(flood);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stream.readableLength).toBeLessThan(512 * 1024);
    expect(incoming.writableLength + incoming.readableLength).toBeGreaterThan(512 * 1024);
    stream.destroy();
  });

  it('writes what it is given, unframed', async () => {
    const { socket, written } = socketPair();
    const stream = new DemuxedStream(socket);
    stream.write('one');
    stream.write('two');
    await expect.poll(() => Buffer.concat(written).toString()).toBe('onetwo');
  });

  it('closes the socket when it is destroyed', async () => {
    const { socket } = socketPair();
    new DemuxedStream(socket).destroy();
    await expect.poll(() => socket.destroyed).toBe(true);
  });

  it.each([
    [
      'the engine’s own words',
      block(3, 'container lost'),
      { code: 'sandbox_failed', message: 'the engine ended the stream: container lost' },
    ],
    ['a stream that is not cut into blocks', Buffer.from('plain text of a terminal'), { code: 'internal' }],
  ])('fails on %s', async (_, bytes, failure) => {
    const { socket, incoming } = socketPair();
    const stream = new DemuxedStream(socket);
    incoming.write(bytes);
    await expect(readAll(stream)).rejects.toMatchObject(failure);
    expect(socket.destroyed).toBe(true);
  });
});
