/** What is shown of outputs, and how terminals' text reads. */
import { describe, expect, test } from 'vitest';
import { chooseShown, needsFrame } from './choose.ts';
import { overwrite, pieces } from './terminal.ts';

describe('what is shown of an output', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ 'text/plain': 'x' }, 'text'],
    [{ 'text/plain': 'x', 'text/html': '<b>x</b>' }, 'html'],
    [{ 'text/plain': 'x', 'text/html': ['<div></div>', '<script>1</script>'] }, 'frame'],
    [{ 'text/plain': 'x', 'application/javascript': '1' }, 'frame'],
    [{ 'text/plain': 'x', 'text/latex': '$x$' }, 'latex'],
    [{ 'text/plain': 'x', 'text/markdown': '*x*' }, 'markdown'],
    [{ 'text/plain': 'x', 'image/png': 'AAAA' }, 'image'],
    [{ 'image/svg+xml': '<svg/>', 'image/png': 'AAAA' }, 'image'],
    [{ 'application/json': { a: 1 }, 'text/plain': 'x' }, 'text'],
    [{ 'application/x-strange': 'x' }, 'unknown'],
    [{}, 'unknown'],
  ])('%j as %s', (bundle, as) => expect(chooseShown(bundle, {}).as).toBe(as));

  test('a picture is a data URL of nothing but base64, in the size that its metadata says', () => {
    const shown = chooseShown(
      { 'image/png': 'AA"><script>\nBB', 'text/plain': 'plot' },
      { 'image/png': { width: 300 } },
    );
    expect(shown).toMatchObject({
      source: 'data:image/png;base64,AAscriptBB',
      alt: 'plot',
      width: 300,
      height: undefined,
    });
  });

  test('svg cannot leave its data URL', () => {
    expect(chooseShown({ 'image/svg+xml': '<svg>"#</svg>' }, {})).toMatchObject({
      source: 'data:image/svg+xml;charset=utf-8,%3Csvg%3E%22%23%3C%2Fsvg%3E',
    });
  });

  test('a script that closes itself stays inside its element', () => {
    const shown = chooseShown({ 'application/javascript': 'a="</script><b>"' }, {});
    expect(shown).toMatchObject({ html: expect.stringContaining('a="<\\/script><b>"') });
  });

  test('a table of pandas needs no frame, a styled one does', () => {
    expect(needsFrame('<div>\n<style scoped>\n .dataframe tbody { a: b }\n</style>\n<table class="dataframe">')).toBe(
      false,
    );
    expect(needsFrame('<style type="text/css">#T_1 { color: red }</style><table id="T_1">')).toBe(true);
    expect(needsFrame('<b>scripted</b>')).toBe(false);
    const pandas = '<style scoped>.dataframe { a: b }</style>';
    expect(needsFrame(`${pandas}<table>`)).toBe(false);
    expect(needsFrame(`${pandas}${pandas}<table>`)).toBe(true);
    expect(needsFrame(`<style scoped>.mine { a: b }</style>${pandas}`)).toBe(true);
    expect(needsFrame(`${pandas}<script>1</script>`)).toBe(true);
    expect(needsFrame('<style scoped>.dataframe')).toBe(true);
  });

  test('a style without an end is read once', () => {
    expect(needsFrame(`<style scoped>${'.dataframe'.repeat(500_000)}`)).toBe(true);
  });
});

describe('terminal text', () => {
  test.each([
    ['a\rb', 'b'],
    ['abc\rX', 'Xbc'],
    ['10%\r20%\n', '20%\n'],
    ['a\r\nb', 'a\nb'],
    ['ab\bX', 'aX'],
    ['\b\bx', 'x'],
    ['10\r\x1b[31m20\x1b[0m', '\x1b[31m20\x1b[0m'],
    ['\x1b[31mab\x1b[0m\rX', 'Xb\x1b[0m'],
    ['a\r\r\nb\r\n', 'a\nb\n'],
  ])('%j shows %j', (text, shown) => expect(overwrite(text)).toBe(shown));

  test('colours become classes or exact colours, never markup', () => {
    expect(pieces('\x1b[1;31m<b>\x1b[0m plain')).toEqual([
      { text: '<b>', classes: 'ansi-red-fg bold', colour: undefined, background: undefined },
      { text: ' plain', classes: '', colour: undefined, background: undefined },
    ]);
    expect(pieces('\x1b[38;2;1;2;3mx')[0]).toMatchObject({ colour: 'rgb(1, 2, 3)' });
    expect(pieces('\x1b[38;5;196mx')[0]?.colour).toBe('rgb(255, 0, 0)');
  });

  test('links and cursor movements leave their text only', () => {
    expect(
      pieces('\x1b]8;;http://x\x07here\x1b]8;;\x07\x1b[2K!')
        .map(({ text }) => text)
        .join(''),
    ).toBe('here!');
    expect(pieces('10%\r\x1b[2K20%\x1b[5~ \x1b[>4;2mdone').map(({ text }) => text)).toEqual(['20% done']);
  });

  test('a decoration that is on stays one, and ends with the code that ends it', () => {
    expect(pieces('\x1b[1ma\x1b[1;1mb\x1b[3mc\x1b[22md').map(({ classes }) => classes)).toEqual([
      ...['bold', 'bold', 'bold italic', 'italic'],
    ]);
    expect(new Set(pieces('\x1b[31;7ma\x1b[7mb\x1b[7mc').map(({ classes }) => classes)).size).toBe(1);
  });

  /** Each takes minutes, or all memory, where the work grows faster than the text. */
  const LONG = 400_000;
  test.each([
    ['a long line that is overwritten by little', `${'x'.repeat(LONG)}${'\ra'.repeat(LONG)}`, LONG],
    ['a long line that goes back by little', `${'x'.repeat(LONG)}${'\ba'.repeat(LONG)}`, LONG],
    ['carriage returns without a line', '\r'.repeat(LONG), 0],
    ['colours that colour one character', `\r${'\x1b[m'.repeat(LONG)}x`, 1],
    ['colours before half a sequence', `\r${'\x1b[m'.repeat(LONG)}\x1b`, 0],
    ['a sequence without an end', `\x1b[${'!'.repeat(LONG)}`, LONG],
    ['a decoration at each character', '\x1b[1mx'.repeat(LONG), LONG],
    ['a decoration over and over', `\x1b[${'1;'.repeat(LONG)}mx`, 1],
  ])('%s', (_, text, characters) => {
    expect(pieces(text).reduce((sum, piece) => sum + piece.text.length, 0)).toBe(characters);
  });
});
