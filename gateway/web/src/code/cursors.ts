/**
 * Other people's cursors in one editor. y-codemirror has such a plugin, which writes style attributes that the page's content
 * security policy forbids and takes colours from others as they come; here a person has one of a few classes.
 */
import { type Extension, type Range, RangeSet } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { onOthers, readPerson } from '../document/people.ts';

class Caret extends WidgetType {
  readonly #name: string;
  readonly #hue: number;

  constructor(name: string, hue: number) {
    super();
    this.#name = name;
    this.#hue = hue;
  }

  override eq(other: Caret): boolean {
    return other.#name === this.#name && other.#hue === this.#hue;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement('span');
    caret.className = `caret hue-${this.#hue}`;
    const flag = caret.appendChild(document.createElement('span'));
    flag.className = 'caret-name';
    flag.textContent = this.#name;
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

class Cursors {
  decorations: DecorationSet;
  readonly #text: Y.Text;
  readonly #awareness: Awareness;
  readonly #cell: string;
  readonly #forget: () => void;
  #telling = 0;

  constructor(view: EditorView, cell: string, text: Y.Text, awareness: Awareness) {
    this.#cell = cell;
    this.#text = text;
    this.#awareness = awareness;
    this.decorations = this.#others(view);
    this.#forget = onOthers(awareness, () => view.dispatch({}));
  }

  update(update: ViewUpdate): void {
    if (update.focusChanged || update.selectionSet || update.docChanged) this.#tellSoon(update.view);
    /** Positions of others are relative to the document, so they are found again at every change. */
    if (update.docChanged || update.transactions.length > 0) this.decorations = this.#others(update.view);
  }

  destroy(): void {
    this.#forget();
    cancelAnimationFrame(this.#telling);
    this.#telling = 0;
  }

  /** Behind the next frame: what was typed is shown before others are told where the cursor is. */
  #tellSoon(view: EditorView): void {
    if (this.#telling !== 0) return;
    this.#telling = requestAnimationFrame(() => {
      setTimeout(() => {
        if (this.#telling === 0) return;
        this.#telling = 0;
        this.#tell(view);
      });
    });
  }

  #tell(view: EditorView): void {
    if (!view.hasFocus) return;
    const { anchor, head } = view.state.selection.main;
    const at = (index: number) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.#text, index));
    const now = this.#awareness.getLocalState();
    this.#awareness.setLocalState({ ...now, cell: this.#cell, cursor: { anchor: at(anchor), head: at(head) } });
  }

  #others(view: EditorView): DecorationSet {
    const ranges: Range<Decoration>[] = [];
    for (const [client, state] of this.#awareness.getStates()) {
      if (client === this.#awareness.clientID) continue;
      const person = readPerson(client, state);
      const anchor = this.#index(person.cursor?.anchor);
      const head = this.#index(person.cursor?.head);
      if (anchor === undefined || head === undefined) continue;
      const end = view.state.doc.length;
      const [from, to] = [Math.min(anchor, head, end), Math.min(Math.max(anchor, head), end)];
      if (from < to) ranges.push(Decoration.mark({ class: `other-selection hue-${person.hue}` }).range(from, to));
      const widget = new Caret(person.name, person.hue);
      ranges.push(Decoration.widget({ widget, side: head > anchor ? -1 : 1 }).range(Math.min(head, end)));
    }
    return RangeSet.of(ranges, true);
  }

  #index(position: unknown): number | undefined {
    const doc = this.#text.doc;
    if (doc === null || typeof position !== 'object' || position === null) return undefined;
    try {
      const found = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(position), doc);
      return found?.type === this.#text ? found.index : undefined;
    } catch {
      return undefined;
    }
  }
}

/** `cell`: its id, which pages of others learn, to open an editor where somebody writes. */
export const cursors = (cell: string, text: Y.Text, awareness: Awareness): Extension =>
  ViewPlugin.define((view) => new Cursors(view, cell, text, awareness), {
    decorations: (plugin) => plugin.decorations,
  });
