import { describe, expect, test } from 'vitest';
import { mathParts } from '../../../src/wire/shown/math-text.ts';
import type { WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';
import { pointsBefore, unitOf } from '../code/positions.ts';
import { readCompletion, readInspection } from '../code/replies.ts';
import { chooseLanguage } from '../texts/texts.ts';
import { anywhereKey, commandKey, type Key } from './keys.ts';
import { announcements, runState } from './run-state.ts';
import { afterCells, choose, chosenPositions, nothingChosen, toggle } from './selection-state.ts';

const key = (name: string, more: Partial<Key> = {}): Key => ({
  key: name,
  shift: false,
  mod: false,
  alt: false,
  ...more,
});

describe('keys', () => {
  test.each<[Key, string | undefined]>([
    [key('a'), 'insertAbove'],
    [key('B', {}), 'insertBelow'],
    [key('V', { shift: true }), 'pasteAbove'],
    [key('M', { shift: true }), 'merge'],
    [key('Enter', { shift: true }), 'runNext'],
    [key('Enter', { mod: true }), 'runStay'],
    [key('Enter', { alt: true }), 'runInsert'],
    [key('3'), 'heading3'],
    [key('z', { mod: true, shift: true }), 'redo'],
    [key('c', { mod: true }), undefined],
    [key('q'), undefined],
    [key('constructor'), undefined],
  ])('%j', (pressed, action) => expect(commandKey(pressed, '').action).toBe(action));

  test('two of D, I and 0 in a row act, others in between begin anew', () => {
    expect(commandKey(key('d'), '')).toEqual({ action: undefined, prefix: 'd' });
    expect(commandKey(key('d'), 'd')).toEqual({ action: 'delete', prefix: '' });
    expect(commandKey(key('i'), 'd')).toEqual({ action: undefined, prefix: 'i' });
    expect(commandKey(key('0'), '0').action).toBe('restart');
    expect(commandKey(key('j'), 'd')).toEqual({ action: 'down', prefix: '' });
  });

  test('WU1: some work in a cell’s text too, and letters do not', () => {
    expect(anywhereKey(key('f', { mod: true }))).toBe('find');
    expect(anywhereKey(key('P', { mod: true, shift: true }))).toBe('palette');
    expect(anywhereKey(key('F3'))).toBe('findNext');
    expect(anywhereKey(key('f'))).toBeUndefined();
    expect(anywhereKey(key('a', { mod: true }))).toBeUndefined();
  });
});

describe('selection', () => {
  test('extends from its anchor and collapses', () => {
    const one = choose(nothingChosen, 'b');
    const three = choose(choose(one, 'c', { extend: true }), 'd', { extend: true });
    expect(chosenPositions(three, ['a', 'b', 'c', 'd'])).toEqual([1, 2, 3]);
    expect(chosenPositions(choose(three, 'a'), ['a', 'b', 'c', 'd'])).toEqual([0]);
  });

  test('WU2: single cells are added and taken out, and one always stays', () => {
    const keys = ['a', 'b', 'c', 'd'];
    const two = toggle(choose(nothingChosen, 'a'), 'c', keys);
    expect([two.active, chosenPositions(two, keys)]).toEqual(['c', [0, 2]]);
    expect(chosenPositions(choose(two, 'd', { extend: true }), keys)).toEqual([0, 2, 3]);
    const one = toggle(two, 'c', keys);
    expect([one.active, chosenPositions(one, keys)]).toEqual(['a', [0]]);
    expect(toggle(one, 'a', keys)).toBe(one);
    const range = choose(choose(nothingChosen, 'b'), 'd', { extend: true });
    expect(chosenPositions(toggle(range, 'c', keys), keys)).toEqual([1, 3]);
  });

  test('goes to the cell that took the place of a deleted one', () => {
    const chosen = choose(nothingChosen, 'b', { mode: 'edit' });
    expect(afterCells(chosen, ['a', 'b', 'c'], ['a', 'c'])).toMatchObject({ active: 'c', mode: 'command' });
    expect(afterCells(chosen, ['a', 'b'], ['a']).active).toBe('a');
    expect(afterCells(chosen, ['a', 'b'], ['x', 'a', 'b'])).toBe(chosen);
  });
});

describe('run states', () => {
  const status = (more: Partial<WorksheetStatus>): WorksheetStatus => ({
    kernel: 'busy',
    reason: '',
    running: undefined,
    queue: [],
    question: undefined,
    usage: undefined,
    waits: undefined,
    asleep: undefined,
    kernelspec: { name: 'python3', title: 'Python 3' },
    fullOutputs: [],
    skipped: [],
    ...more,
  });

  test('a cell waits from the moment it was asked for', () => {
    expect(runState('a', undefined, ['a'])).toBe('waiting');
    expect(runState('a', status({ running: 'a' }), ['a'])).toBe('running');
    expect(runState('a', status({ queue: ['a'] }), [])).toBe('waiting');
    expect(runState('a', status({}), [])).toBe('idle');
  });

  test('beginning, end and questions are announced once', () => {
    expect(announcements(status({ running: 'a' }), status({ running: 'b' }))).toEqual([
      { say: 'ended', cell: 'a' },
      { say: 'runs', cell: 'b' },
    ]);
    expect(announcements(status({ running: 'a' }), status({ running: 'a' }))).toEqual([]);
    /** The second was so short that no status told of it. */
    expect(announcements(status({ running: 'a', queue: ['b', 'c'] }), status({ queue: ['c'] }))).toEqual([
      { say: 'ended', cell: 'a' },
      { say: 'ended', cell: 'b' },
    ]);
    expect(announcements(status({ running: 'a', queue: ['b'] }), status({ kernel: 'none' }))).toEqual([
      { say: 'ended', cell: 'a' },
    ]);
    const question = { id: 'q', cell: 'a', prompt: '', password: false };
    expect(announcements(status({ running: 'a' }), status({ running: 'a', question }))).toEqual([
      { say: 'asks', cell: 'a' },
    ]);
  });
});

describe('what kernels answer', () => {
  test('positions are code points', () => {
    expect(pointsBefore('😀ab', 3)).toBe(2);
    expect(unitOf('😀ab', 2)).toBe(3);
    const reply = { status: 'ok', matches: ['abc'], cursor_start: 1, cursor_end: 3 };
    expect(readCompletion(reply, '😀ab')).toEqual({
      from: 2,
      to: 4,
      matches: [{ text: 'abc', kind: '', signature: '' }],
    });
  });

  test.each([null, undefined, 1, {}, { status: 'ok', matches: 'x' }, { status: 'error', matches: ['a'] }])(
    'nothing is made of %j',
    (reply) => {
      expect(readCompletion(reply, 'a')).toBeUndefined();
      expect(readInspection(reply)).toBeUndefined();
    },
  );
});

describe('texts', () => {
  test('the first known language is chosen', () => {
    expect(chooseLanguage(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(chooseLanguage(['constructor'])).toBe('en');
    expect(chooseLanguage([])).toBe('en');
  });

  test('formulas are found, prices are not', () => {
    expect(mathParts('a $x^2$ b').map(({ math, text }) => [math, text])).toEqual([
      [false, 'a '],
      [true, 'x^2'],
      [false, ' b'],
    ]);
    expect(mathParts('from $5 to $6').some(({ math }) => math)).toBe(false);
    expect(mathParts('\\begin{align*}a\\end{align*}')).toMatchObject([{ math: true, display: true }]);
  });
});
