/**
 * Which cell of one list is which of another. What restores a version and what shows a difference ask the same question. Pure.
 */

/** A place in both lists, or in one. `moved`: it does not stand among its neighbours of before. */
export type Aligned =
  | { readonly before: number; readonly after: number; readonly moved: boolean }
  | { readonly before: number; readonly after?: undefined }
  | { readonly before?: undefined; readonly after: number };

/**
 * Both lists in one order: that of `after`, with what is gone where it stood. As many cells as possible count as unmoved. Names are
 * each once in a list.
 */
export function align(before: readonly string[], after: readonly string[]): Aligned[] {
  const places = new Map(before.map((name, index) => [name, index]));
  const pairs = after.map((name) => places.get(name));
  const stays = longestRise(pairs.filter((place) => place !== undefined));
  const kept = new Set(after);
  const out: Aligned[] = [];
  let next = 0;
  /** What is gone and stood in front of this place. */
  const goneUntil = (end: number) => {
    for (; next < end; next += 1) if (!kept.has(String(before[next]))) out.push({ before: next });
  };
  pairs.forEach((place, index) => {
    if (place === undefined) out.push({ after: index });
    else if (stays.has(place)) {
      goneUntil(place);
      next = place + 1;
      out.push({ before: place, after: index, moved: false });
    } else out.push({ before: place, after: index, moved: true });
  });
  goneUntil(before.length);
  return out;
}

/** The members of a longest subsequence that grows. Numbers are each there once. */
function longestRise(numbers: readonly number[]): Set<number> {
  /** `ends[n]`: the smallest number at which a rise of n + 1 members ends; `previous`: the member before. */
  const ends: number[] = [];
  const previous = new Map<number, number | undefined>();
  for (const number of numbers) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    previous.set(number, ends[low - 1]);
    ends[low] = number;
  }
  const members = new Set<number>();
  for (let member = ends.at(-1); member !== undefined; member = previous.get(member)) members.add(member);
  return members;
}
