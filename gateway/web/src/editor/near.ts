/**
 * Which cells are in view or close to it: only these have editors and outputs, so that a long worksheet costs what is seen. The
 * cells stand one below the other, so the first of them is found by halves, when something has moved; an IntersectionObserver
 * looks at each of hundreds of cells in every frame that is drawn, while somebody types as well.
 */

/** Pixels above and below the view. */
const MARGIN = 1200;

type Listener = (near: boolean) => void;

const listeners = new Map<Element, Listener>();
let near = new Set<Element>();
let asked = false;

/** What is above changes its height, or the list becomes longer. */
const observer = new ResizeObserver(() => ask(true));
let observed: Element | null = null;
addEventListener('scroll', () => ask(true), { capture: true, passive: true });
addEventListener('resize', () => ask(true));

/** Calls the listener soon, and at each change; answers how to end that. All elements that are watched are siblings. */
export function watchNear(element: Element, listener: Listener): () => void {
  listeners.set(element, listener);
  if (observed !== element.parentElement) {
    observer.disconnect();
    observed = element.parentElement;
    if (observed !== null) observer.observe(observed);
  }
  ask();
  return () => {
    listeners.delete(element);
    near.delete(element);
  };
}

/**
 * Behind the frame: that one is shown first, and places are known then at no cost. Who is called within a frame asks for no other one: where
 * nothing has changed by then, that would keep the browser from the next one for a sixtieth of a second.
 */
function ask(within = false): void {
  if (asked || listeners.size === 0) return;
  asked = true;
  if (within) setTimeout(look);
  else requestAnimationFrame(() => setTimeout(look));
}

function look(): void {
  asked = false;
  const before = near;
  near = new Set(closeOnes());
  for (const element of before) if (!near.has(element)) listeners.get(element)?.(false);
  for (const element of near) if (!before.has(element)) listeners.get(element)?.(true);
}

function closeOnes(): Element[] {
  const all = [...(observed?.children ?? [])].filter((element) => listeners.has(element) && !isHidden(element));
  /** The first one that ends below the upper edge. */
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.getBoundingClientRect().bottom ?? 0) < -MARGIN) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < all.length && (all[end]?.getBoundingClientRect().top ?? 0) <= innerHeight + MARGIN) end += 1;
  return all.slice(low, end);
}

const isHidden = (element: Element): boolean => element instanceof HTMLElement && element.hidden !== false;
