/** Groups what was made by the days of the person's time zone: pure. */
export interface Day<T> {
  readonly name: string;
  readonly versions: readonly T[];
}

/** In the order given; `now` in milliseconds. Days are named as the language does. */
export function byDay<T extends { readonly at: string }>(all: readonly T[], now: number, language: string): Day<T>[] {
  const days: { name: string; versions: T[] }[] = [];
  for (const version of all) {
    const name = nameOf(new Date(version.at), new Date(now), language);
    const last = days.at(-1);
    if (last?.name === name) last.versions.push(version);
    else days.push({ name, versions: [version] });
  }
  return days;
}

function nameOf(day: Date, now: Date, language: string): string {
  const between = Math.round((midnight(day) - midnight(now)) / 86_400_000);
  if (between === 0 || between === -1)
    return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(between, 'day');
  const isThisYear = day.getFullYear() === now.getFullYear();
  const parts = {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' as const }),
  } as const;
  return new Intl.DateTimeFormat(language, parts).format(day);
}

const midnight = (day: Date): number => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();

/** "2 May 2026" */
export const dayOf = (iso: string, language: string): string =>
  new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(iso));

export const timeOf = (iso: string, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
