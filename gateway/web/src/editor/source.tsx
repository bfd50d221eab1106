/**
 * A cell's source: an editor where somebody writes or is about to, because each costs time at every scroll; coloured text near
 * the view, plain text elsewhere.
 */
import { type MouseEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type CodeEditor, createEditor, type EditorHost, headsOf } from '../code/code-editor.ts';
import { showFound } from '../code/found-marks.ts';
import { StaticCode } from '../code/static-code.tsx';
import { idOf, textOf } from '../document/schema.ts';
import { usePart, useValue } from '../shared/value.ts';
import { goTo, split } from './cell-actions.ts';
import { useLanguage, useText, useWorksheet } from './hooks.ts';
import type { PageCell } from './page-cell.ts';
import { perform } from './perform.ts';
import { takePictures } from './pictures.ts';
import { spansIn, useFound } from './use-found.ts';
import type { Worksheet } from './worksheet.ts';

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
  const readOnly = usePart(worksheet.role, () => !worksheet.may('edit'));
  const look = useLook(worksheet, key, prose);
  const found = useFound(worksheet, key);
  const open = text !== undefined && (editing || (near && (hovered || visited)));
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor>(undefined);
  const pressed = useRef<{ x: number; y: number }>(undefined);
  const source = useText(text, !open);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a label, language or look that changes later is no reason for a new editor
  useLayoutEffect(() => {
    if (!open || place.current === null || text === undefined) return;
    const made = createEditor(place.current, {
      cell: idOf(cell),
      text,
      awareness: worksheet.connection.awareness,
      host: hostOf(worksheet, page, languageName === 'markdown'),
      label,
      language,
      prose,
      readOnly,
      look,
      ask: askOf(worksheet),
    });
    editor.current = made;
    return () => {
      editor.current = undefined;
      made.view.destroy();
    };
  }, [open, text, worksheet, key, readOnly]);

  useEffect(() => editor.current?.setLanguage(language), [language]);
  useEffect(() => editor.current?.setLook(look), [look]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an editor that opens shows what is found, too
  useEffect(() => {
    if (editor.current !== undefined) showFound(editor.current.view, found);
  }, [found, open, readOnly]);

  /** What the page asks of the editor that is written in. */
  useEffect(() => {
    if (!editing) return;
    const own = {
      cursors: () => (editor.current === undefined ? [] : headsOf(editor.current.view.state)),
      marked: () => {
        const state = editor.current?.view.state;
        return state === undefined ? '' : state.sliceDoc(state.selection.main.from, state.selection.main.to);
      },
    };
    worksheet.writing = own;
    return () => {
      if (worksheet.writing === own) worksheet.writing = undefined;
    };
  }, [editing, worksheet]);

  useEffect(() => {
    const view = editor.current?.view;
    if (focus === 0 || view === undefined) return;
    const { caret } = worksheet.selection.get();
    const at = pressed.current === undefined ? null : view.posAtCoords(pressed.current, false);
    const end = view.state.doc.length;
    const selection =
      at !== null
        ? { anchor: at }
        : typeof caret === 'object'
          ? { anchor: Math.min(caret.from, end), head: Math.min(caret.to, end) }
          : { stay: undefined, start: { anchor: 0 }, end: { anchor: end } }[caret];
    pressed.current = undefined;
    view.focus();
    view.dispatch({ ...(selection === undefined ? {} : { selection }), scrollIntoView: true });
  }, [focus, worksheet]);

  const press = (event: MouseEvent) => {
    if (open || event.button !== 0 || event.shiftKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    pressed.current = { x: event.clientX, y: event.clientY };
    worksheet.choose(key, { mode: 'edit' });
  };

  const around = {
    className: `source${prose ? ' prose' : ''}${look.wrap ? ' wrap' : ''}`,
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
      <StaticCode
        source={source}
        language={near ? language : undefined}
        found={spansIn(near ? found : undefined, source)}
        numbered={look.numbers}
      />
    </div>
  );
}

function useLook(worksheet: Worksheet, key: string, prose: boolean) {
  const wrap = useValue(worksheet.view.wrap) || prose;
  const all = useValue(worksheet.view.lineNumbers);
  const other = usePart(worksheet.view.otherLines, (keys) => keys.has(key));
  const numbers = all !== other;
  const [look, setLook] = useState({ wrap, numbers });
  if (look.wrap === wrap && look.numbers === numbers) return look;
  const next = { wrap, numbers };
  setLook(next);
  return next;
}

function hostOf(worksheet: Worksheet, page: PageCell, markdown: boolean): EditorHost {
  const { key } = page;
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
    split: (offsets) => mine(() => worksheet.may('edit') && split(worksheet, offsets))(),
    undo: mine(() => perform(worksheet, 'undo')),
    redo: mine(() => perform(worksheet, 'redo')),
    take: (files, at) => markdown && takePictures(worksheet, page.cell, files, at),
  };
}

const askOf = (worksheet: Worksheet) => ({
  idle: () => worksheet.connection.status.get()?.kernel === 'idle' && worksheet.may('run'),
  ask: async (what: 'complete' | 'inspect', code: string, cursor: number): Promise<unknown> => {
    const answer = await worksheet.connection.command({ do: what, code, cursor });
    return answer?.say === 'done' ? answer.result : undefined;
  },
});
