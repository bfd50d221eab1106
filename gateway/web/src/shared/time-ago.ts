/** How long ago something was, in words: pure. */
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** "3 minutes ago"; `now` in milliseconds. */
export function timeAgo(iso: string, now: number, language: string): string {
  const seconds = Math.min(0, (Date.parse(iso) - now) / 1000);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const [unit, length] = UNITS.find(([, size]) => -seconds >= size) ?? (['second', 1] as const);
  return words.format(unit === 'second' ? 0 : Math.trunc(seconds / length), unit);
}
