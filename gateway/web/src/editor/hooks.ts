/** React's view of the shared document. */
import type { LanguageSupport } from '@codemirror/language';
import {
  createContext,
  type RefObject,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import * as Y from 'yjs';
import { languageLater, languageNow } from '../code/languages.ts';
import { outputsOf, type YCell } from '../document/schema.ts';
import { useValue } from '../shared/value.ts';
import { watchNear } from './near.ts';
import { printing } from './printing.ts';
import type { Worksheet } from './worksheet.ts';

export const WorksheetContext = createContext<Worksheet | undefined>(undefined);

export function useWorksheet(): Worksheet {
  const worksheet = useContext(WorksheetContext);
  if (worksheet === undefined) throw new Error('a part of the editor stands outside of a worksheet');
  return worksheet;
}

export function useNear(): [RefObject<HTMLElement | null>, boolean] {
  const ref = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => (ref.current === null ? undefined : watchNear(ref.current, setNear)), []);
  const all = useValue(printing);
  return [ref, near || all];
}

/** The text as it stands; `follow` is false where an editor shows it, which needs no help. */
export function useText(text: Y.Text | undefined, follow: boolean): string {
  const cache = useRef({ text, value: undefined as string | undefined });
  if (cache.current.text !== text) cache.current = { text, value: undefined };
  return useSyncExternalStore(
    (changed) => {
      if (text === undefined || !follow) return () => {};
      const listener = () => {
        cache.current.value = undefined;
        changed();
      };
      listener();
      text.observe(listener);
      return () => text.unobserve(listener);
    },
    () => {
      cache.current.value ??= text?.toString() ?? '';
      return cache.current.value;
    },
  );
}

/** Renders again when one of the cell's own keys changes: its kind, count, or metadata; not its text or outputs. */
export function useCell(cell: YCell): void {
  const version = useRef(0);
  useSyncExternalStore(
    (changed) => {
      const listener = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
        if (!events.some(({ target }) => target === cell || target === cell.get('metadata'))) return;
        version.current++;
        changed();
      };
      cell.observeDeep(listener);
      return () => cell.unobserveDeep(listener);
    },
    () => version.current,
  );
}

export interface LiveOutput {
  readonly output: unknown;
  readonly version: number;
}

/** How often each output has changed, so that only those are drawn again. */
const versions = new WeakMap<object, number>();

/** The outputs: drawn when they change, and what comes in the same frame with the next one, however fast it comes. */
export function useOutputs(cell: YCell): readonly LiveOutput[] {
  const { subscribe, get } = useMemo(() => liveOutputs(cell), [cell]);
  return useSyncExternalStore(subscribe, get);
}

/**
 * A store for React, which draws what such a one tells before the frame that is asked for here. As a state it would be drawn behind that
 * frame, and a frame in which nothing has changed keeps the browser from the next one for a sixtieth of a second.
 */
function liveOutputs(cell: YCell) {
  let now = read(cell);
  const subscribe = (changed: () => void) => {
    let frame = 0;
    let late = false;
    const draw = () => {
      late = false;
      frame = requestAnimationFrame(next);
      now = read(cell);
      changed();
    };
    const next = () => {
      frame = 0;
      if (late) draw();
    };
    const listener = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
      const all = outputsOf(cell);
      for (const { target } of events)
        for (const part of [target, target.parent])
          if (part instanceof Y.Map && part.parent === all) versions.set(part, (versions.get(part) ?? 0) + 1);
      if (!events.some(({ target }) => target === cell || isInside(target, all))) return;
      if (frame === 0) draw();
      else late = true;
    };
    now = read(cell);
    cell.observeDeep(listener);
    return () => {
      cancelAnimationFrame(frame);
      cell.unobserveDeep(listener);
    };
  };
  return { subscribe, get: () => now };
}

const read = (cell: YCell): LiveOutput[] =>
  (outputsOf(cell)?.toArray() ?? []).map((output) => ({ output, version: versions.get(output as object) ?? 0 }));

function isInside(target: Y.AbstractType<unknown>, all: Y.Array<unknown> | undefined): boolean {
  for (
    let type: Y.AbstractType<unknown> | null = target;
    type !== null;
    type = type.parent as Y.AbstractType<unknown> | null
  )
    if (type === all) return true;
  return false;
}

export function useLanguage(name: string): LanguageSupport | undefined {
  const [found, setFound] = useState(() => languageNow(name));
  useEffect(() => {
    let current = true;
    setFound(languageNow(name));
    void languageLater(name).then((language) => current && setFound(language));
    return () => {
      current = false;
    };
  }, [name]);
  return found;
}
