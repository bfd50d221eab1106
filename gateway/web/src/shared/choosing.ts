/** What is chosen of a list: pure. */

/** With all of `ids`, or without them where all were chosen. */
export function toggled(chosen: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  const next = new Set(chosen);
  const all = ids.every((id) => chosen.has(id));
  for (const id of ids) {
    if (all) next.delete(id);
    else next.add(id);
  }
  return next;
}

/** What is chosen and still there. */
export const stillChosen = (chosen: ReadonlySet<string>, ids: readonly string[]): string[] =>
  ids.filter((id) => chosen.has(id));
