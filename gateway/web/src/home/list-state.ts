/** Which worksheets the list shows, in which order: pure. */
import type { WorksheetModel } from '../shared/api.ts';

export type Order = 'changed' | 'title' | 'created';

export function shownWorksheets(
  all: readonly WorksheetModel[],
  wanted: string,
  order: Order,
  language: string,
): WorksheetModel[] {
  const words = fold(wanted, language).split(/\s+/).filter(Boolean);
  const found = all.filter(({ title }) => words.every((word) => fold(title, language).includes(word)));
  const titles = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  const newest = (pick: (one: WorksheetModel) => string) => (a: WorksheetModel, b: WorksheetModel) =>
    Date.parse(pick(b)) - Date.parse(pick(a));
  const compare = {
    changed: newest((one) => one.changed_at),
    created: newest((one) => one.created_at),
    title: (a: WorksheetModel, b: WorksheetModel) => titles.compare(a.title, b.title),
  }[order];
  return found.sort(compare);
}

/** Without case and accents. */
const fold = (text: string, language: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase(language);

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

/** A notebook of Jupyter or an old worksheet of Sage, by its name. */
export const isWorksheetFile = (name: string): boolean => /.\.(?:ipynb|sws)$/i.test(name);
