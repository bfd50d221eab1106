/**
 * A cell's source: an editor where somebody writes or is about to, because each costs time at every scroll; coloured text near
 * the view, plain text elsewhere.
 */
import { type MouseEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type CodeEditor, createEditor, type EditorHost } from '../code/code-editor.ts';
import { StaticCode } from '../code/static-code.tsx';
import { idOf, textOf } from '../document/schema.ts';
import { usePart } from '../shared/value.ts';
import { useLanguage, useText, useWorksheet } from './hooks.ts';
import { goTo, perform, split } from './perform.ts';
import type { PageCell, Worksheet } from './worksheet.ts';

interface Wish {
  readonly page: PageCell;
  readonly near: boolean;
  readonly label: string;
  readonly language: string;
  readonly prose: boolean;
}

export function Source({ page, near, label, language: languageName, prose }: Wish) {
  const worksheet = useWorksheet();
  const { cell, key } = page;
  const text = textOf(cell);
  const editing = usePart(worksheet.selection, ({ active, mode }) => active === key && mode === 'edit');
  const focus = usePart(worksheet.selection, (now) => (now.active === key && now.mode === 'edit' ? now.focus : 0));
  const language = useLanguage(languageName);
  const [hovered, setHovered] = useState(false);
  const visited = usePart(worksheet.visited, (cells) => cells.has(idOf(cell)));
  const open = text !== undefined && (editing || (near && (hovered || visited)));
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor>(undefined);
  const pressed = useRef<{ x: number; y: number }>(undefined);
  const source = useText(text, !open);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a label or language that changes later is no reason for a new editor
  useLayoutEffect(() => {
    if (!open || place.current === null || text === undefined) return;
    const made = createEditor(place.current, {
      cell: idOf(cell),
      text,
      awareness: worksheet.connection.awareness,
      host: hostOf(worksheet, key),
      label,
      language,
      prose,
      ask: askOf(worksheet),
    });
    editor.current = made;
    return () => {
      editor.current = undefined;
      made.view.destroy();
    };
  }, [open, text, worksheet, key]);

  useEffect(() => editor.current?.setLanguage(language), [language]);

  useEffect(() => {
    const view = editor.current?.view;
    if (focus === 0 || view === undefined) return;
    const { caret } = worksheet.selection.get();
    const at = pressed.current === undefined ? null : view.posAtCoords(pressed.current, false);
    const anchor = at ?? (caret === 'stay' ? undefined : caret === 'start' ? 0 : view.state.doc.length);
    pressed.current = undefined;
    view.focus();
    view.dispatch({ ...(anchor === undefined ? {} : { selection: { anchor } }), scrollIntoView: true });
  }, [focus, worksheet]);

  const press = (event: MouseEvent) => {
    if (open || event.button !== 0 || event.shiftKey) return;
    event.preventDefault();
    pressed.current = { x: event.clientX, y: event.clientY };
    worksheet.choose(key, { mode: 'edit' });
  };

  const around = {
    className: prose ? 'source prose' : 'source',
    /** A page that scrolls below a pointer that rests makes moves of no length. */
    onPointerMove: ({ movementX, movementY }: PointerEvent) => {
      if (movementX !== 0 || movementY !== 0) setHovered(true);
    },
    onPointerLeave: () => setHovered(false),
  };
  if (open) return <div ref={place} {...around} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: by the keyboard, Enter on the cell does the same
    <div onMouseDown={press} {...around}>
      <StaticCode source={source} language={near ? language : undefined} />
    </div>
  );
}

function hostOf(worksheet: Worksheet, key: string): EditorHost {
  const mine = (act: () => void) => () => {
    if (worksheet.selection.get().active !== key) worksheet.choose(key, { mode: 'edit', focus: false });
    act();
    return true;
  };
  return {
    runNext: mine(() => perform(worksheet, 'runNext')),
    runStay: mine(() => perform(worksheet, 'runStay')),
    runInsert: mine(() => perform(worksheet, 'runInsert')),
    leave: mine(() => worksheet.choose(key)),
    goTo: (direction) => goTo(worksheet, direction),
    split: (offset) => mine(() => split(worksheet, offset))(),
    undo: mine(() => worksheet.takeBack('undo')),
    redo: mine(() => worksheet.takeBack('redo')),
  };
}

const askOf = (worksheet: Worksheet) => ({
  idle: () => worksheet.connection.status.get()?.kernel === 'idle',
  ask: async (what: 'complete' | 'inspect', code: string, cursor: number): Promise<unknown> => {
    const answer = await worksheet.connection.command({ do: what, code, cursor });
    return answer?.say === 'done' ? answer.result : undefined;
  },
});
