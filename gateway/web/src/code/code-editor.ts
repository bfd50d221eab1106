/** One CodeMirror editor, bound to a cell's Y.Text. Undo and redo belong to the document, not to the editor. */
import './style-mount.ts';
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  startCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, indentLess, indentMore, simplifySelection } from '@codemirror/commands';
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  type LanguageSupport,
  syntaxHighlighting,
} from '@codemirror/language';
import { selectNextOccurrence } from '@codemirror/search';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  crosshairCursor,
  EditorView,
  type KeyBinding,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { YSyncConfig, ySync, ySyncFacet } from 'y-codemirror.next';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { drawnSelection } from './blink.ts';
import { cursors } from './cursors.ts';
import { foundMarks } from './found-marks.ts';
import { type AskKernel, documentation, kernelCompletion, toggleDocumentation } from './kernel-help.ts';
import { typing } from './typing.ts';

/** What the worksheet does for a cell's editor. */
export interface EditorHost {
  /** Called by keys; the editor keeps the key where it answers false. */
  runNext(): boolean;
  runStay(): boolean;
  runInsert(): boolean;
  leave(): boolean;
  /** The cursor left by its first or last line. */
  goTo(direction: -1 | 1): boolean;
  split(offsets: readonly number[]): boolean;
  undo(): boolean;
  redo(): boolean;
  /** Files that were pasted or dropped at this place. */
  take(files: readonly File[], at: number): boolean;
}

export interface EditorWish {
  /** The cell's id. */
  readonly cell: string;
  readonly text: Y.Text;
  readonly awareness: Awareness | null;
  readonly host: EditorHost;
  /** Read by screen readers. */
  readonly label: string;
  readonly language: LanguageSupport | undefined;
  /** Prose wraps, has no kernel to ask and no brackets to close. */
  readonly prose: boolean;
  /** Can be read and copied, not changed. */
  readonly readOnly: boolean;
  readonly look: Look;
  readonly ask: AskKernel;
}

export interface Look {
  readonly wrap: boolean;
  readonly numbers: boolean;
}

export interface CodeEditor {
  readonly view: EditorView;
  setLanguage(language: LanguageSupport | undefined): void;
  setLook(look: Look): void;
}

/** Where there is little room, code wraps as well; the style sheet has the same width. */
const NARROW = matchMedia('(max-width: 48rem)');

export function createEditor(parent: HTMLElement, wish: EditorWish): CodeEditor {
  const language = new Compartment();
  const look = new Compartment();
  const sync = new YSyncConfig(wish.text, wish.awareness);
  const state = EditorState.create({
    doc: wish.text.toString(),
    extensions: [
      Prec.highest(keymap.of(worksheetKeys(wish.host))),
      language.of(wish.language ?? []),
      ySyncFacet.of(sync),
      ySync,
      wish.awareness === null ? [] : cursors(wish.cell, wish.text, wish.awareness),
      /** Offsets in the shared text count the line ends that it has. */
      EditorState.lineSeparator.of('\n'),
      look.of(looks(wish, wish.look)),
      wish.readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false), FOCUSABLE] : takesFiles(wish.host),
      foundMarks,
      wish.prose ? [] : codeOnly(wish.ask),
      EditorState.allowMultipleSelections.of(true),
      drawnSelection,
      typing,
      rectangularSelection(),
      crosshairCursor(),
      syntaxHighlighting(classHighlighter),
      EditorView.contentAttributes.of({ 'aria-label': wish.label, spellcheck: String(wish.prose) }),
      /** Escape first closes what is open and takes other cursors away. */
      keymap.of([
        { key: 'Mod-d', run: selectNextOccurrence, preventDefault: true },
        ...defaultKeymap.filter(({ key }) => key !== 'Escape'),
        { key: 'Tab', run: indentMore, shift: indentLess },
        { key: 'Escape', run: (editor) => editor.state.selection.ranges.length > 1 && simplifySelection(editor) },
        { key: 'Escape', run: wish.host.leave },
      ]),
    ],
  });
  const view = new EditorView({ state, parent });
  return {
    view,
    setLanguage: (support) => view.dispatch({ effects: language.reconfigure(support ?? []) }),
    setLook: (now) => view.dispatch({ effects: look.reconfigure(looks(wish, now)) }),
  };
}

const looks = ({ prose }: EditorWish, { wrap, numbers }: Look): Extension => [
  prose || wrap || NARROW.matches ? EditorView.lineWrapping : [],
  numbers ? lineNumbers() : [],
];

/** What cannot be written in can still have the focus, for its keys and for marking. */
const FOCUSABLE = EditorView.contentAttributes.of({ tabindex: '0', 'aria-readonly': 'true' });

const takesFiles = (host: EditorHost): Extension =>
  EditorView.domEventHandlers({
    paste: (event, view) => takeFrom(event.clipboardData, host, view.state.selection.main.head, event),
    drop: (event, view) =>
      takeFrom(event.dataTransfer, host, view.posAtCoords({ x: event.clientX, y: event.clientY }, false), event),
  });

function takeFrom(data: DataTransfer | null, host: EditorHost, at: number, event: Event): boolean {
  const files = [...(data?.files ?? [])];
  if (files.length === 0 || !host.take(files, at)) return false;
  event.preventDefault();
  return true;
}

const codeOnly = (ask: AskKernel): Extension => [
  indentUnit.of('    '),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ override: [kernelCompletion(ask)], icons: false, activateOnTypingDelay: 150 }),
  documentation,
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    { key: 'Tab', run: (view) => isBehindWord(view.state) && startCompletion(view) },
    { key: 'Shift-Tab', run: (view) => toggleDocumentation(view, ask) },
  ]),
];

/** Tab completes behind a word or a dot, and indents elsewhere. */
function isBehindWord(state: EditorState): boolean {
  const { main } = state.selection;
  return main.empty && /[\w.)\]'"/%]$/u.test(state.sliceDoc(state.doc.lineAt(main.head).from, main.head));
}

/** Completions that have not come yet do not keep Escape for themselves. */
function forgetPending(view: EditorView): boolean {
  if (completionStatus(view.state) === 'pending') closeCompletion(view);
  return false;
}

function worksheetKeys(host: EditorHost): KeyBinding[] {
  return [
    { key: 'Escape', run: forgetPending },
    { key: 'Shift-Enter', run: host.runNext },
    { key: 'Mod-Enter', run: host.runStay },
    { key: 'Ctrl-Enter', run: host.runStay },
    { key: 'Alt-Enter', run: host.runInsert },
    { key: 'Mod-z', run: host.undo, preventDefault: true },
    { key: 'Mod-y', run: host.redo, preventDefault: true },
    { key: 'Mod-Shift-z', run: host.redo, preventDefault: true },
    { key: 'Ctrl-Shift--', run: ({ state }) => host.split(headsOf(state)) },
    { key: 'Ctrl-Shift-_', run: ({ state }) => host.split(headsOf(state)) },
    { key: 'ArrowUp', run: (view) => isAtEdge(view, -1) && host.goTo(-1) },
    { key: 'ArrowDown', run: (view) => isAtEdge(view, 1) && host.goTo(1) },
  ];
}

/** Where the cursors are. */
export const headsOf = (state: EditorState): number[] => state.selection.ranges.map(({ head }) => head);

/** Whether the cursor cannot go further in that direction, wrapped lines counted. */
function isAtEdge(view: EditorView, direction: -1 | 1): boolean {
  const { main } = view.state.selection;
  if (!main.empty || view.dom.querySelector('.cm-tooltip-autocomplete') !== null) return false;
  const line = view.state.doc.lineAt(main.head);
  if (line.number !== (direction === -1 ? 1 : view.state.doc.lines)) return false;
  const moved = view.moveVertically(main, direction === 1);
  return moved.head === main.head || moved.head === (direction === -1 ? 0 : view.state.doc.length);
}
