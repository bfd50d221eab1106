import { expect, test } from 'vitest';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { onOthers, readPerson } from './people.ts';

test('WH17 a colour is the person’s, not the page’s', () => {
  const hues = (name: string) => [1, 2, 77].map((client) => readPerson(client, { user: { name } }).hue);
  expect(new Set(hues('ada')).size).toBe(1);
  expect(new Set(['ada', 'bob', 'eve', 'zoë', 'max', 'ida'].flatMap(hues)).size).toBeGreaterThan(2);
  for (const hue of hues('ada')) expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(hue);
});

test('what a state lacks or has of another kind is left out', () => {
  for (const state of [null, {}, { user: 3, cursor: 'x', cell: 4 }])
    expect(readPerson(1, state)).toMatchObject({ name: '?', cursor: undefined, cell: undefined });
});

test('what this page says of itself is no news about others', () => {
  const awareness = new Awareness(new Y.Doc());
  let heard = 0;
  const end = onOthers(awareness, () => heard++);
  awareness.setLocalState({ cell: 'a' });
  expect(heard).toBe(0);
  const other = new Awareness(new Y.Doc());
  other.setLocalState({ cell: 'b' });
  const told = () => applyAwarenessUpdate(awareness, encodeAwarenessUpdate(other, [other.clientID]), 'line');
  told();
  expect(heard).toBe(1);
  end();
  other.setLocalState({ cell: 'c' });
  told();
  expect(heard).toBe(1);
  awareness.destroy();
  other.destroy();
});
