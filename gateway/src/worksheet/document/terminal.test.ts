/** What a terminal shows of what was written to it: docs/spec/worksheet-document.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Terminal } from './terminal.ts';

const E = '\u001b';
const shown = (...parts: string[]): string => {
  const terminal = new Terminal();
  for (const part of parts) terminal.write(part);
  return terminal.text;
};

describe('the text', () => {
  it.each([
    ['plain text is itself', 'a\nb\n\n  c\td', 'a\nb\n\n  c\td'],
    ['a return overwrites', ' 10%\r 20%', ' 20%'],
    ['a shorter text leaves the rest of the longer one', 'abcdef\rxy', 'xycdef'],
    ['a return at the end changes nothing yet', 'abc\r', 'abc'],
    ['return and line break are a line break', 'a\r\nb\r\n', 'a\nb\n'],
    ['a backspace goes back', 'abc\b\bX', 'aXc'],
    ['a backspace stops at the row', 'a\n\b\bX', 'a\nX'],
    ['bells and the like vanish', 'a\u0007b\u0000c\u007f', 'abc'],
    ['erase to the end of the row', `abcdef\rab${E}[K`, 'ab'],
    ['erase the row', `abc${E}[2K\rx`, 'x'],
    ['erase to the cursor', `abcdef\rab${E}[1Kx`, '  xdef'],
    ['up and down', `one\ntwo\nthree${E}[2A\rONE${E}[2B\rTHREE`, 'ONE\ntwo\nTHREE'],
    ['up stops at the first row, down at the last', `a\nb${E}[9A\rA${E}[9B\rB`, 'A\nB'],
    ['columns', `abc${E}[1GX${E}[CY${E}[2DZ`, 'XZY'],
    ['places', `a\nb\nc${E}[2;3Hx${E}[Hy`, 'y\nb x\nc'],
    ['erase below', `a\nb\nc${E}[1A\r${E}[Jx`, 'a\nx'],
    ['erase all begins anew', `a\nb\n${E}[2J${E}[Hc`, 'c'],
    ['save and restore', `ab${E}7cd\nx${E}8CD`, 'abCD\nx'],
    ['links keep their text', `${E}]8;;http://x${E}\\text${E}]8;;\u0007!`, 'text!'],
    ['other sequences vanish', `a${E}(B${E}[?25l${E}[>4mb${E}[99zc${E}=`, 'abc'],
    ['half of a character that was overwritten is a blank', 'a😀b\rxy', 'xy b'],
  ])('WD20 %s', (_, data, text) => {
    expect(shown(data)).toBe(text);
    expect(shown(...data)).toBe(text);
  });

  it.each([
    ['are kept', `${E}[31mred${E}[0m plain`, `${E}[31mred${E}[0m plain`],
    ['end with their row and go on in the next', `${E}[1;31ma\nb${E}[mc`, `${E}[1;31ma${E}[0m\n${E}[1;31mb${E}[0mc`],
    ['stay with their characters', `${E}[31mabc\r${E}[32mx`, `${E}[32mx${E}[0;31mbc${E}[0m`],
    ['are written in one way', `${E}[31m${E}[1mx${E}[22;39;44my`, `${E}[1;31mx${E}[0;44my${E}[0m`],
    ['of 256 and of 16 million', `${E}[38;5;9;48:2::1:2:3mx`, `${E}[38;5;9;48;2;1;2;3mx${E}[0m`],
    ['that are none do nothing', `${E}[38;5;999mx${E}[38my${E}[77mz`, 'xyz'],
    ['of nothing are nothing', `${E}[31m${E}[0m`, ''],
  ])('WD21 colours %s', (_, data, text) => {
    expect(shown(data)).toBe(text);
    expect(shown(...data)).toBe(text);
    expect(shown(text)).toBe(text);
  });

  it('WD22 a row of more columns than a terminal has goes on without a line break', () => {
    const long = 'é'.repeat(100_000);
    expect(shown(`${long}\nx`)).toBe(`${long}\nx`);
    expect(shown(`${'😀'.repeat(2000)}x\n`)).toBe(`${'😀'.repeat(2000)}x\n`);
  });

  it('WD22 a sequence that does not end is swallowed no further than 4096 characters', () => {
    const text = shown(`a${E}]0;${'x'.repeat(10_000)}`, 'b');
    expect(text.startsWith('a')).toBe(true);
    expect(text.endsWith('xxb')).toBe(true);
    expect(shown(`a${E}[31`, 'mb')).toBe(`a${E}[31mb${E}[0m`);
  });

  it('WD20 a bar that is redrawn 10,000 times is one line', () => {
    const terminal = new Terminal();
    let longest = 0;
    for (let step = 0; step < 10_000; step += 1) {
      terminal.write(`\r${String(step / 100).padStart(6)}%|${'█'.repeat(step / 250)}| ${step}/10000`);
      longest = Math.max(longest, terminal.edit().insert.length);
    }
    expect(terminal.text).toBe(` 99.99%|${'█'.repeat(39)}| 9999/10000`);
    expect(longest).toBeLessThan(64);
  });

  it('WD20 three bars below each other that are redrawn in turn are three lines', () => {
    const terminal = new Terminal();
    const draw = (bar: number, text: string): void =>
      terminal.write(`${'\n'.repeat(bar)}\r${text}${`${E}[A`.repeat(bar)}`);
    for (let step = 0; step < 100; step += 1) for (const bar of [0, 1, 2]) draw(bar, `${bar}: ${step}`);
    expect(terminal.text).toBe('0: 99\n1: 99\n2: 99');
  });
});

const applied = (text: string, terminal: Terminal): string => {
  const { remove, insert } = terminal.edit();
  expect(remove).toBeLessThanOrEqual(text.length);
  return text.slice(0, text.length - remove) + insert;
};

describe('edits', () => {
  it('WD23 of a text that is only added to are what was added', () => {
    const terminal = new Terminal();
    terminal.write('a\n'.repeat(10_000));
    terminal.edit();
    terminal.write('b');
    expect(terminal.edit()).toEqual({ remove: 0, insert: 'b' });
    terminal.write('c\nd');
    expect(terminal.edit()).toEqual({ remove: 0, insert: 'c\nd' });
    expect(terminal.edit()).toEqual({ remove: 0, insert: '' });
    terminal.write(`${E}[A\rB`);
    expect(terminal.edit()).toEqual({ remove: 4, insert: 'Bc\nd' });
  });

  const piece = fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\b',
      '\r\n',
      `${E}[A`,
      `${E}[2B`,
      `${E}[K`,
      `${E}[1K`,
      `${E}[2K`,
      `${E}[J`,
      `${E}[2J`,
      `${E}[H`,
    ),
    fc.constantFrom(
      `${E}[31m`,
      `${E}[1m`,
      `${E}[0m`,
      `${E}[5C`,
      `${E}7`,
      `${E}8`,
      `${E}`,
      `${E}[3`,
      `${E}]`,
      '\u0007',
      '\t',
    ),
    fc.constantFrom('text', '😀', 'é', ' ', 'x'.repeat(1020), '%'),
  );
  const script = fc.array(
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
    { maxLength: 12 },
  );

  it('WD23 lead to the text, and what was taken away is what is missing at the beginning', () => {
    fc.assert(
      fc.property(script, fc.infiniteStream(fc.nat(200)), (parts, sizes) => {
        const terminal = new Terminal();
        let text = '';
        for (const [index, part] of parts.entries()) {
          terminal.write(part);
          text = applied(text, terminal);
          expect(text).toBe(terminal.text);
          expect(terminal.bytes).toBe(Buffer.byteLength(text));
          if (index % 4 !== 3) continue;
          const size = sizes.next().value ?? 0;
          const taken =
            index % 8 === 3
              ? terminal.takeUpTo(size)
              : terminal.takeAtLeast(size, index % 3 === 0 ? 'stays' : 'may go');
          expect(taken + terminal.text).toBe(text);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('WD23 do not depend on how the text was cut into pieces, and the text is shown as itself', () => {
    fc.assert(
      fc.property(script, (parts) => {
        const text = shown(parts.join(''));
        expect(shown(...parts.join(''))).toBe(text);
        expect(shown(...parts)).toBe(text);
        /** Where the rows of a line of 1,024 columns and more end is not to be seen in its text. */
        const isLong = [parts.join(''), text].some((each) => each.split('\n').some((line) => line.length >= 1024));
        if (!isLong) expect(shown(text)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
