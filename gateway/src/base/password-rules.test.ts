import { describe, expect, test } from 'vitest';
import { passwordProblem } from './password-rules.ts';

describe('AC18 a password', () => {
  test.each([
    ['short123', 'short'],
    ['123456789', 'short'],
    /** One character each, whatever it takes to write it. */
    ['🂡🂢🂣🂤🂥🂦🂧🂨🂩', 'short'],
    ['x'.repeat(199), 'common'],
    [`${'xyzw'.repeat(50)}x`, 'long'],
    ['Ada.Lovelace', 'name'],
    ['ada-lovelace1815', 'name'],
    ['adalovelaceadalovelace', 'name'],
    ['Password-123', 'common'],
    ['1234567890', 'common'],
    ['aaaaaaaaaaaa', 'common'],
    ['correct horse', undefined],
    ['aller Anfang ist schwer', undefined],
    ['ada.lovelace writes', undefined],
    ['🂡🂢🂣🂤🂥🂦🂧🂨🂩🂪', undefined],
    ['xyzw'.repeat(50), undefined],
  ])('%s of ada.lovelace: %s', (password, expected) => {
    expect(passwordProblem(password, 'ada.lovelace')).toBe(expected);
  });

  test('is judged without a name too, and with one that is part of everything', () => {
    expect(passwordProblem('correct horse', '')).toBeUndefined();
    expect(passwordProblem('correct horse', 'c')).toBeUndefined();
    expect(passwordProblem('correct horse', '@')).toBeUndefined();
  });
});
