import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from './quantities.ts';
import { byteSize, duration } from './quantity-schemas.ts';

it.each([
  ['512 MiB', 512 * 2 ** 20],
  ['1GiB', 2 ** 30],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['64 KiB', 65_536],
  ['7 B', 7],
])('%s is %i bytes', (text, bytes) => expect(byteSize.parse(text)).toBe(bytes));

it.each(['', '512', '512 MB', '512 mib', '-1 MiB', '1e3 MiB', '0 MiB', '512 MiB ', '99999999 TiB'])(
  '%j is no size',
  (text) => {
    expect(byteSize.safeParse(text).error?.issues[0]?.message).toContain('a size such as "512 MiB"');
  },
);

it('a plain number is bytes', () => {
  expect(byteSize.parse(1000)).toBe(1000);
  expect(byteSize.safeParse(0).success).toBe(false);
  expect(byteSize.safeParse(1.5).success).toBe(false);
});

it.each([
  ['20 min', 1_200_000],
  ['8 h', 28_800_000],
  ['90 s', 90_000],
  ['250ms', 250],
  ['1.5 h', 5_400_000],
  ['2 d', 172_800_000],
])('%s is %i ms', (text, ms) => expect(duration.parse(text)).toBe(ms));

it.each(['', '20', '20 minutes', '20 m', '0 s', '25 d', '-1 h'])('%j is no duration', (text) => {
  expect(duration.safeParse(text).error?.issues[0]?.message).toContain('a duration such as "90 s"');
});

it('a plain number is no duration: nobody can tell the unit', () => {
  expect(duration.safeParse(20).success).toBe(false);
});

it('what is formatted reads back within a hundredth of its unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (bytes) => {
      expect(Math.abs((parseSize(formatSize(bytes)) ?? 0) / bytes - 1)).toBeLessThan(0.011);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 * 86_400_000 }), (ms) => {
      expect(Math.abs((parseDuration(formatDuration(ms)) ?? 0) / ms - 1)).toBeLessThan(0.011);
    }),
  );
});
