/** Which cells are in view or close to it: only these have editors and outputs, so that a long worksheet costs what is seen. */

/** Pixels above and below the view. */
const MARGIN = 1200;

const listeners = new WeakMap<Element, (near: boolean) => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
  },
  { rootMargin: `${MARGIN}px 0px` },
);

/** Calls the listener soon, and at each change; answers how to end that. */
export function watchNear(element: Element, listener: (near: boolean) => void): () => void {
  listeners.set(element, listener);
  observer.observe(element);
  return () => observer.unobserve(element);
}
