/** The rows of a long list that are on the screen, kept up to date while the page is scrolled and its size changes. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type Shown, shownRows } from './window-state.ts';

/** Pixels, until a row has been seen. */
const GUESS = 48;

export interface ShownRows<Place extends HTMLElement> extends Shown {
  /** Of the element whose children the rows are. */
  readonly list: RefObject<Place | null>;
  /** Pixels of the rows before and behind. */
  readonly before: number;
  readonly behind: number;
}

export function useShownRows<Place extends HTMLElement>(count: number): ShownRows<Place> {
  const list = useRef<Place>(null);
  const [row, setRow] = useState(GUESS);
  const [{ first, end }, setShown] = useState<Shown>(() => shownRows(count, GUESS, 0, 1000));
  const look = useCallback(() => {
    if (list.current === null) return;
    const height = list.current.firstElementChild?.getBoundingClientRect().height ?? 0;
    const each = height > 0 ? height : GUESS;
    const next = shownRows(count, each, -list.current.getBoundingClientRect().top, window.innerHeight);
    setRow(each);
    setShown((known) => (known.first === next.first && known.end === next.end ? known : next));
  }, [count]);
  /** The height of a row is known only when the first ones are drawn. */
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks again at what is drawn now
  useLayoutEffect(look, [look, first, end]);
  useEffect(() => {
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [look]);
  const last = Math.min(end, count);
  const begin = Math.min(first, last);
  return { list, first: begin, end: last, before: begin * row, behind: (count - last) * row };
}
