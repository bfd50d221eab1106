/** Which worksheets the list shows, in which order: pure. */
import type { WorksheetModel } from '../shared/api.ts';

export type Order = 'changed' | 'title' | 'created';

/** The person's own, what others share with them, and what is in the trash. */
export type Tab = 'mine' | 'shared' | 'trash';

export const inTab = ({ trashed, role }: WorksheetModel, tab: Tab): boolean =>
  tab === 'trash' ? trashed : !trashed && (tab === 'mine') === (role === 'owner');

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

/** A notebook of Jupyter or an old worksheet of Sage, by its name. */
export const isWorksheetFile = (name: string): boolean => /.\.(?:ipynb|sws)$/i.test(name);
