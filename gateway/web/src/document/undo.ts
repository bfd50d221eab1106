/**
 * Undo over the whole document that takes back only what this page did. Yjs follows the origins of changes; beyond that, a cell
 * which this page inserted stays when somebody else has written in it since.
 */
import { YSyncConfig } from 'y-codemirror.next';
import * as Y from 'yjs';
import { newId } from '../shared/new-id.ts';
import { cellsOf, idOf, textOf, type YCell } from './schema.ts';

/** The origin of what a person does to cells; typing has y-codemirror's. */
export class PersonEdit {}

export class Undo {
  readonly manager: Y.UndoManager;
  readonly #doc: Y.Doc;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.manager = new Y.UndoManager(cellsOf(doc), {
      doc,
      trackedOrigins: new Set<unknown>([PersonEdit, YSyncConfig]),
      deleteFilter: (item) => !this.#isOfSharedCell(item),
    });
    doc.on('beforeTransaction', (transaction: Y.Transaction) => {
      if (transaction.origin instanceof PersonEdit) this.manager.stopCapturing();
    });
    /** What is typed next is a step of its own; the manager has heard of this transaction before. */
    doc.on('afterTransaction', (transaction: Y.Transaction) => {
      if (transaction.origin instanceof PersonEdit) this.manager.stopCapturing();
    });
  }

  undo(): void {
    this.manager.undo();
    this.#separateIds();
  }

  redo(): void {
    this.manager.redo();
    this.#separateIds();
  }

  /** Whether an item is a cell, or one of a cell's keys, in which others have written. */
  #isOfSharedCell(item: Y.Item): boolean {
    const cells = cellsOf(this.#doc);
    const inside = item.content instanceof Y.ContentType ? item.content.type : undefined;
    if (item.parent === cells) return inside instanceof Y.Map && this.#hasForeignText(inside as YCell);
    if (!(item.parent instanceof Y.Map) || item.parent.parent !== cells) return false;
    return this.#hasForeignText(item.parent as YCell);
  }

  #hasForeignText(cell: YCell): boolean {
    for (let item = textOf(cell)?._start ?? null; item !== null; item = item.right)
      if (!item.deleted && item.id.client !== this.#doc.clientID) return true;
    return false;
  }

  /** A move that is taken back while somebody wrote in the moved cell leaves both: the second one gets a new id. */
  #separateIds(): void {
    const seen = new Set<string>();
    for (const cell of cellsOf(this.#doc)) {
      if (seen.has(idOf(cell))) cell.set('id', newId());
      seen.add(idOf(cell));
    }
  }
}
