/**
 * Sizes and durations as people write them in policies and settings: "512 MiB", "20 min". Parsed to bytes and milliseconds.
 * Pure.
 */
export const SIZE = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|TiB)$/;
const SIZE_UNITS: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
export const DURATION = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)$/;
const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Timers of Node hold at most 2^31 - 1 ms (24.8 days). */
const LONGEST = 24 * 86_400_000;

export const SIZE_EXPECTED = 'a size such as "512 MiB" or "1 GiB", or a whole number of bytes';
export const DURATION_EXPECTED = 'a duration such as "90 s", "20 min" or "8 h", at most 24 d';

/** Bytes of a text such as `512 MiB`; undefined where it is none. Fractions of a byte are rounded. */
export function parseSize(text: string): number | undefined {
  const bytes = amount(text, SIZE, SIZE_UNITS);
  return bytes !== undefined && bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Milliseconds of a text such as `20 min`; undefined where it is none or longer than a timer can hold. */
export function parseDuration(text: string): number | undefined {
  const ms = amount(text, DURATION, DURATION_UNITS);
  return ms !== undefined && ms >= 1 && ms <= LONGEST ? ms : undefined;
}

/** `1.5 GiB` of 1610612736: the largest unit that leaves at most two decimals of meaning. */
export function formatSize(bytes: number): string {
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find((name) => bytes >= (SIZE_UNITS[name] ?? 1)) ?? 'B';
  return `${Number((bytes / (SIZE_UNITS[unit] ?? 1)).toFixed(2))} ${unit}`;
}

/** `8 h` of 28800000. */
export function formatDuration(ms: number): string {
  const unit = ['d', 'h', 'min', 's'].find((name) => ms >= (DURATION_UNITS[name] ?? 1)) ?? 'ms';
  return `${Number((ms / (DURATION_UNITS[unit] ?? 1)).toFixed(2))} ${unit}`;
}

function amount(text: string, pattern: RegExp, units: Record<string, number>): number | undefined {
  const [, digits, unit] = pattern.exec(text) ?? [];
  const factor = units[unit ?? ''];
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}
