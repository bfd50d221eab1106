/** Which people the list shows, in which order: pure. */
import type { PersonModel } from '../shared/account-api.ts';
import { fold } from '../shared/fold.ts';

/** Those whose name has all of the words in it, by name. */
export function shownPeople(all: readonly PersonModel[], wanted: string): PersonModel[] {
  const words = fold(wanted).split(/\s+/).filter(Boolean);
  const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return all
    .filter(({ name }) => words.every((word) => fold(name).includes(word)))
    .sort((one, other) => names.compare(one.name, other.name));
}
