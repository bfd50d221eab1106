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
import { defaultKeymap, indentLess, indentMore } from '@codemirror/commands';
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  type LanguageSupport,
  syntaxHighlighting,
} from '@codemirror/language';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import { drawSelection, EditorView, type KeyBinding, keymap, rectangularSelection } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { YSyncConfig, ySync, ySyncFacet } from 'y-codemirror.next';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { cursors } from './cursors.ts';
import { type AskKernel, documentation, kernelCompletion, toggleDocumentation } from './kernel-help.ts';

/** What the worksheet does for a cell's editor. */
export interface EditorHost {
  /** Called by keys; the editor keeps the key where it answers false. */
  runNext(): boolean;
  runStay(): boolean;
  runInsert(): boolean;
  leave(): boolean;
  /** The cursor left by its first or last line. */
  goTo(direction: -1 | 1): boolean;
  split(offset: number): boolean;
  undo(): boolean;
  redo(): boolean;
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
  readonly ask: AskKernel;
}

export interface CodeEditor {
  readonly view: EditorView;
  setLanguage(language: LanguageSupport | undefined): void;
}

/** Where there is little room, code wraps as well; the style sheet has the same width. */
const NARROW = matchMedia('(max-width: 48rem)');

export function createEditor(parent: HTMLElement, wish: EditorWish): CodeEditor {
  const language = new Compartment();
  const sync = new YSyncConfig(wish.text, wish.awareness);
  const state = EditorState.create({
    doc: wish.text.toString(),
    extensions: [
      Prec.highest(keymap.of(worksheetKeys(wish.host))),
      language.of(wish.language ?? []),
      ySyncFacet.of(sync),
      ySync,
      wish.awareness === null ? [] : cursors(wish.cell, wish.text, wish.awareness),
      wish.prose || NARROW.matches ? EditorView.lineWrapping : [],
      wish.prose ? [] : codeOnly(wish.ask),
      EditorState.allowMultipleSelections.of(true),
      drawSelection(),
      rectangularSelection(),
      syntaxHighlighting(classHighlighter),
      EditorView.contentAttributes.of({ 'aria-label': wish.label, spellcheck: String(wish.prose) }),
      /** Escape first closes what is open and takes other cursors away. */
      keymap.of([
        ...defaultKeymap,
        { key: 'Tab', run: indentMore, shift: indentLess },
        { key: 'Escape', run: wish.host.leave },
      ]),
    ],
  });
  const view = new EditorView({ state, parent });
  return { view, setLanguage: (support) => view.dispatch({ effects: language.reconfigure(support ?? []) }) };
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
    { key: 'Ctrl-Shift--', run: ({ state }) => host.split(state.selection.main.head) },
    { key: 'Ctrl-Shift-_', run: ({ state }) => host.split(state.selection.main.head) },
    { key: 'ArrowUp', run: (view) => isAtEdge(view, -1) && host.goTo(-1) },
    { key: 'ArrowDown', run: (view) => isAtEdge(view, 1) && host.goTo(1) },
  ];
}

/** Whether the cursor cannot go further in that direction, wrapped lines counted. */
function isAtEdge(view: EditorView, direction: -1 | 1): boolean {
  const { main } = view.state.selection;
  if (!main.empty || view.dom.querySelector('.cm-tooltip-autocomplete') !== null) return false;
  const line = view.state.doc.lineAt(main.head);
  if (line.number !== (direction === -1 ? 1 : view.state.doc.lines)) return false;
  const moved = view.moveVertically(main, direction === 1);
  return moved.head === main.head || moved.head === (direction === -1 ? 0 : view.state.doc.length);
}
