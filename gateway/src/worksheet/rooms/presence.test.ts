import { expect, test } from 'vitest';
import { ownPresence } from './presence.ts';

/** A frame about presence: document `d`, and for each client its id, a clock and its state. */
const frame = (...states: [number, number, unknown][]): Uint8Array => {
  const content = Buffer.concat([
    Buffer.from([states.length]),
    ...states.map(([client, clock, state]) => {
      const json = Buffer.from(JSON.stringify(state));
      return Buffer.concat([Buffer.from([client, clock, json.length]), json]);
    }),
  ]);
  return Buffer.concat([Buffer.from([1, 100, 1, content.length]), content]);
};
const passed = (bytes: Uint8Array, own = 7) => ownPresence(bytes, 'bob', (client) => client === own);
const bytes = (one: Uint8Array | undefined) => one && [...one];

test('WH15 the name is the gateway’s word, and the rest of a state the page’s', () => {
  const said = frame([7, 1, { user: { name: 'ada', color: 'red' }, cell: 'x' }]);
  expect(bytes(passed(said))).toEqual([...frame([7, 1, { user: { name: 'bob' }, cell: 'x' }])]);
  expect(bytes(passed(frame([7, 2, {}])))).toEqual([...frame([7, 2, { user: { name: 'bob' } }])]);
});

test('WH15 what is said for other clients, and what is no state, is left out', () => {
  const said = frame([8, 1, { cell: 'x' }], [7, 1, null], [9, 4, null]);
  expect(bytes(passed(said))).toEqual([...frame([7, 1, null])]);
  for (const state of [3, 'x', [1], true]) expect(passed(frame([7, 1, state]))).toBeUndefined();
  expect(passed(frame([8, 1, {}]))).toBeUndefined();
  expect(passed(frame())).toBeUndefined();
});

test('other messages are left as they are', () => {
  const message = Buffer.from([1, 100, 3]);
  expect(passed(message)).toBe(message);
});
