/** Spans of time as people read them: pure. */
import { language } from '../texts/texts.ts';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** Milliseconds as "2 hours" or "90 seconds", in the largest unit that leaves no rest. */
export function duration(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => milliseconds >= each && milliseconds % each === 0) ?? UNITS[3];
  const count = Math.round(milliseconds / length);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
