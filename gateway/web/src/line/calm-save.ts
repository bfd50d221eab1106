/**
 * The state of the document as the page shows it: "saving" with the first edit, "saved" when it has been saved for a moment. While
 * somebody types each key is saved before the next one comes; saying so each time would draw the line twice for each key, and a
 * screen reader would read it as often.
 */
import { Value } from '../shared/value.ts';
import type { SaveState } from './save-state.ts';

/** Milliseconds without an edit that is not saved. */
const REST = 300;

/** When the page shows `now` in place of `shown`. Pure. */
export function showWhen(shown: SaveState, now: SaveState): 'now' | 'later' | 'never' {
  if (shown.line !== now.line || now.line !== 'live') return 'now';
  if ((shown.edits === 0) === (now.edits === 0)) return 'never';
  return now.edits > 0 ? 'now' : 'later';
}

/** Follows the state; of edits that are on their way it says that there are some, and not how many. */
export function calmSave(save: Value<SaveState>): Value<SaveState> {
  const shown = new Value(save.get());
  let rest: ReturnType<typeof setTimeout> | undefined;
  save.subscribe(() => {
    clearTimeout(rest);
    const when = showWhen(shown.get(), save.get());
    if (when === 'now') shown.set(save.get());
    else if (when === 'later') rest = setTimeout(() => shown.set(save.get()), REST);
  });
  return shown;
}
