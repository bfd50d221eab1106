import { describe, expect, test } from 'vitest';
import { helpParts } from '../code/replies.ts';
import { foundEntries } from './palette-state.ts';
import { freeName, isPicture, sizeTogether } from './pictures-state.ts';
import { roleMay } from './rights.ts';
import { lasted, runTimes } from './timing-state.ts';

describe('times of a run', () => {
  test('WU6: are those of the execution, or what is known of it', () => {
    const stamps = {
      'iopub.status.busy': '2026-01-01T10:00:00.000Z',
      'iopub.execute_input': '2026-01-01T10:00:00.100Z',
      'shell.execute_reply.started': '2026-01-01T10:00:00.200Z',
      'shell.execute_reply': '2026-01-01T10:00:02.500Z',
    };
    const times = runTimes(stamps);
    expect(times?.ended && times.ended - times.began).toBe(2300);
    expect(runTimes({ 'iopub.execute_input': '2026-01-01T10:00:00Z' })?.ended).toBeUndefined();
    expect(runTimes({ 'shell.execute_reply': '2026-01-01T10:00:00Z' })).toBeUndefined();
    for (const nothing of [undefined, null, 5, {}, { 'iopub.execute_input': 'soon' }])
      expect(runTimes(nothing)).toBeUndefined();
  });

  test.each([
    [-5, { in: 'seconds', seconds: 0, digits: 2 }],
    [234, { in: 'seconds', seconds: 0.23, digits: 2 }],
    [2345, { in: 'seconds', seconds: 2.3, digits: 1 }],
    [9960, { in: 'seconds', seconds: 10, digits: 0 }],
    [59_700, { in: 'minutes', minutes: 1, seconds: 0 }],
    [3_599_700, { in: 'hours', hours: 1, minutes: 0 }],
    [7_260_000, { in: 'hours', hours: 2, minutes: 1 }],
  ])('WU6: %d ms', (milliseconds, expected) => expect(lasted(milliseconds)).toEqual(expected));
});

describe('attached pictures', () => {
  test('WU7: have a name of their own that needs no quoting, with the ending of their type', () => {
    expect(freeName('My plot (1).PNG', 'image/png', {})).toBe('My-plot-1.png');
    expect(freeName('image.png', 'image/png', { 'image.png': {} })).toBe('image-2.png');
    expect(freeName('', 'image/jpeg', {})).toBe('image.jpg');
    expect(freeName('../../x', 'image/svg+xml', {})).toBe('image.svg');
    expect(isPicture('application/pdf') || isPicture('constructor')).toBe(false);
  });

  test('WU7: count with all that the cell has', () => {
    expect(sizeTogether({ a: { 'image/png': 'AAAA' }, b: { 'image/png': 'AAAAAAAA' } })).toBe(9);
  });
});

test('WU8: the palette finds words in any order, and what begins with them first', () => {
  const entries = ['Stop the kernel', 'Restart the kernel', 'Kernel stops', 'Über alles'].map((text) => ({
    name: text,
    text,
  }));
  const texts = (wanted: string) => foundEntries(entries, wanted).map(({ text }) => text);
  expect(texts('kernel')).toEqual(['Kernel stops', 'Stop the kernel', 'Restart the kernel']);
  expect(texts('ker sto')).toEqual(['Stop the kernel', 'Kernel stops']);
  expect(texts('UBER')).toEqual(['Über alles']);
  expect(texts('nothing')).toEqual([]);
  expect(texts('')).toHaveLength(4);
});

test('WU9: a role has its right and those below it', () => {
  expect([roleMay('viewer', 'read'), roleMay('viewer', 'run')]).toEqual([true, false]);
  expect([roleMay('runner', 'run'), roleMay('runner', 'edit')]).toEqual([true, false]);
  expect([roleMay('editor', 'edit'), roleMay('editor', 'manage')]).toEqual([true, false]);
  expect(roleMay('owner', 'manage')).toBe(true);
});

test('WU10: documentation is shown in its parts, how something is called first', () => {
  const text =
    '\x1b[31mType:\x1b[39m   function\n\x1b[31mSignature:\x1b[39m f(x)\n\x1b[31mDocstring:\x1b[39m\nSays how.\nNote: so.\n';
  expect(helpParts(text)).toEqual([
    { title: 'Signature', text: 'f(x)' },
    { title: 'Docstring', text: 'Says how.\nNote: so.' },
    { title: 'Type', text: 'function' },
  ]);
  expect(helpParts('plain words')).toEqual([{ title: '', text: 'plain words' }]);
});
