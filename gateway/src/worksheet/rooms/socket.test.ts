import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { RoomsSocket } from './socket.ts';

const frame = (
  document: string,
  kind: number,
  write: (encoder: ReturnType<typeof createEncoder>) => void = () => {},
) => {
  const encoder = createEncoder();
  writeVarString(encoder, document);
  writeVarUint(encoder, kind);
  write(encoder);
  return toUint8Array(encoder);
};
const auth = (document: string) =>
  frame(document, 2, (encoder) => {
    writeVarUint(encoder, 0);
    writeVarString(encoder, '');
  });
const update = (document: string, bytes: Uint8Array) =>
  frame(document, 0, (encoder) => {
    writeVarUint(encoder, 2);
    writeVarUint8Array(encoder, bytes);
  });
const said = (document: string, text: string) => frame(document, 5, (encoder) => writeVarString(encoder, text));

let sent: Uint8Array[];
let closed: [number, string][];
let waits: Map<string, Promise<void>>;
let socket: RoomsSocket;
let heard: Uint8Array[];
let backlog: number;
beforeEach(() => {
  sent = [];
  closed = [];
  heard = [];
  waits = new Map();
  const outlet = {
    send: (bytes: Uint8Array) => void sent.push(bytes),
    close: (code: number, reason: string) => void closed.push([code, reason]),
  };
  backlog = 0;
  socket = new RoomsSocket(outlet, (document) => ({ stored: () => waits.get(document), backlog }));
  socket.on('message', (bytes) => heard.push(bytes));
});

const turn = () => new Promise((next) => setImmediate(next));

describe('WS3 what goes out', () => {
  test('goes at once where everything is stored, in its order', async () => {
    const messages = ['one', 'two', 'three'].map((text) => said('a', text));
    for (const message of messages) socket.send(message);
    await turn();
    expect(sent).toEqual(messages);
  });

  test('waits for the changes before it, and holds back what comes after it', async () => {
    let release = () => {};
    waits.set(
      'a',
      new Promise((done) => {
        release = done;
      }),
    );
    socket.send(said('a', 'saved'));
    await turn();
    waits.delete('a');
    socket.send(said('b', 'later'));
    await turn();
    expect(sent).toEqual([]);
    release();
    await turn();
    expect(sent).toEqual([said('a', 'saved'), said('b', 'later')]);
  });

  test('waits for a change that its journal hears of after the message was given', async () => {
    socket.send(said('a', 'saved'));
    waits.set('a', new Promise(() => {}));
    await turn();
    expect(sent).toEqual([]);
  });

  test('never goes where the store fails; the connection ends and says why', async () => {
    waits.set('a', Promise.reject(new Error('disk full')));
    socket.send(said('a', 'saved'));
    await turn();
    expect(sent).toEqual([]);
    expect(closed).toEqual([[1013, 'the worksheet cannot be saved']]);
  });

  test('is bounded: a client is sent away when too much waits', () => {
    waits.set('a', new Promise(() => {}));
    for (let count = 0; count < 70; count += 1) socket.send(said('a', 'x'.repeat(1024 * 1024)));
    expect(closed).toEqual([[1013, 'too much waits to be saved']]);
  });

  test('WS21 is a document of any size, with what goes before and behind it', async () => {
    const document = said('a', 'x'.repeat(65 * 1024 * 1024));
    const messages = [said('a', 'before'), document, said('a', 'behind'), said('a', 'also behind')];
    for (const message of messages) socket.send(message);
    await turn();
    expect(closed).toEqual([]);
    expect(sent.map(({ length }) => length)).toEqual(messages.map(({ length }) => length));
  });

  test('WS21 is bounded beside the largest message, and after it has gone as before', async () => {
    const large = said('a', 'x'.repeat(40 * 1024 * 1024));
    for (const message of [large, large]) socket.send(message);
    expect(closed).toEqual([]);
    await turn();
    expect(sent).toHaveLength(2);
    waits.set('a', new Promise(() => {}));
    for (const message of [large, large]) socket.send(message);
    expect(closed).toEqual([]);
    socket.send(large);
    expect(closed).toEqual([[1013, 'too much waits to be saved']]);
    await turn();
    expect(sent).toHaveLength(2);
  });
});

describe('WS8 what comes in', () => {
  test('is passed on when it is a message that a client may send', () => {
    const doc = new Y.Doc();
    doc.getText('t').insert(0, 'x');
    const messages = [auth('a'), update('a', Y.encodeStateAsUpdate(doc)), said('a', '{}'), frame('a', 3)];
    for (const message of messages) void socket.receive(message);
    expect(heard).toEqual(messages);
    expect(closed).toEqual([]);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['noise', new Uint8Array([3, 1, 2])],
    ['an update that is none', update('a', new Uint8Array([1, 2, 3, 4]))],
    ['a message for everybody', frame('a', 6, (encoder) => writeVarString(encoder, 'x'))],
    ['an acknowledgement', frame('a', 8, (encoder) => writeVarUint(encoder, 1))],
    ['an unknown kind', frame('a', 77)],
    ['a name that is too long', auth('x'.repeat(65))],
    ['a name that every object has', auth('__proto__')],
    [
      'a presence that is no JSON',
      frame('a', 1, (encoder) => {
        const inner = createEncoder();
        for (const number of [1, 7, 1]) writeVarUint(inner, number);
        writeVarString(inner, '{');
        writeVarUint8Array(encoder, toUint8Array(inner));
      }),
    ],
  ])('%s ends the connection', (_, bytes) => {
    void socket.receive(bytes);
    expect(heard).toEqual([]);
    expect(closed).toEqual([[1007, 'not a message about a worksheet']]);
  });

  test('names at most 20 documents at a time', () => {
    for (let count = 0; count < 20; count += 1) void socket.receive(auth(`d${count}`));
    socket.left('d3');
    void socket.receive(auth('d20'));
    expect([heard.length, closed]).toEqual([21, []]);
    void socket.receive(auth('d21'));
    expect([heard.length, closed]).toEqual([21, [[1008, 'at most 20 worksheets in one socket']]]);
  });

  test('waits while the store is far behind', () => {
    const wait = Promise.resolve();
    waits.set('a', wait);
    expect(socket.receive(auth('a'))).toBeUndefined();
    backlog = 17 * 1024 * 1024;
    expect(socket.receive(said('a', '{}'))).toBe(wait);
  });

  test('is bounded while the document is not open, and not once it is', () => {
    const large = said('a', 'x'.repeat(5 * 1024 * 1024));
    void socket.receive(auth('a'));
    for (let count = 0; count < 3; count += 1) void socket.receive(large);
    socket.opened('a');
    for (let count = 0; count < 3; count += 1) void socket.receive(large);
    expect([heard.length, closed]).toEqual([7, []]);
    for (let count = 0; count < 4; count += 1) void socket.receive(said('b', 'x'.repeat(5 * 1024 * 1024)));
    expect(closed).toEqual([[1008, 'too much was sent before the worksheet was open']]);
  });
});
