/**
 * One open worksheet in the page: the shared document, the line to the gateway, what is chosen, and what the page says. React
 * reads the values and calls `perform`; nothing here knows React's elements.
 */
import * as Y from 'yjs';
import { readPerson } from '../document/people.ts';
import { cellsOf, hasError, idOf, kindOf, type YCell } from '../document/schema.ts';
import { Undo } from '../document/undo.ts';
import type { NewCommand } from '../line/command-queue.ts';
import { Connection } from '../line/connection.ts';
import { socketAddress } from '../shared/root.ts';
import { Value } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { type Announcement, announcements } from './run-state.ts';
import { afterCells, choose, chosenRange, nothingChosen, type Selection } from './selection-state.ts';

/** A cell as the page knows it; the key is the page's own, since ids may be changed or doubled by others. */
export interface PageCell {
  readonly key: string;
  readonly cell: YCell;
}

export interface Question {
  readonly text: string;
  readonly confirm: string;
  readonly act: () => void;
}

export class Worksheet {
  readonly id: string;
  readonly doc = new Y.Doc();
  readonly connection: Connection;
  readonly undo: Undo;
  readonly cells = new Value<readonly PageCell[]>([]);
  readonly loaded = new Value(false);
  readonly selection = new Value<Selection>(nothingChosen);
  /** For screen readers. */
  readonly announcement = new Value('');
  /** What could not be done. */
  readonly problem = new Value('');
  readonly question = new Value<Question | undefined>(undefined);
  readonly help = new Value(false);
  /** Ids of cells in which others have their cursor. */
  readonly visited = new Value<ReadonlySet<string>>(new Set());
  /** The language of code, as kernelspecs name it. */
  readonly language = new Value('python');
  readonly #keys = new WeakMap<YCell, string>();
  #nextKey = 0;
  #changed: ReadonlyMap<unknown, unknown> = new Map();

  constructor(id: string) {
    this.id = id;
    this.connection = new Connection(socketAddress('api/worksheets/socket'), id, this.doc);
    this.undo = new Undo(this.doc);
    cellsOf(this.doc).observe(() => this.#cellsChanged());
    this.connection.provider.on('synced', () => {
      this.#cellsChanged();
      this.loaded.set(true);
    });
    this.undo.manager.on('stack-item-popped', ({ changedParentTypes }) => {
      this.#changed = changedParentTypes;
    });
    this.connection.awareness?.on('change', () => this.#othersMoved());
    let before = this.connection.status.get();
    this.connection.status.subscribe(() => {
      const now = this.connection.status.get();
      this.#announce(announcements(before, now));
      before = now;
    });
  }

  /** Positions of the chosen cells; undefined while there are none. */
  get range() {
    return chosenRange(this.selection.get(), this.#keysNow());
  }

  keyOf(cell: YCell): string {
    const found = this.#keys.get(cell) ?? `cell-${this.#nextKey++}`;
    this.#keys.set(cell, found);
    return found;
  }

  choose(key: string | undefined, more: Parameters<typeof choose>[2] = {}): void {
    this.selection.set(choose(this.selection.get(), key, more));
  }

  /** Chooses by position; beyond the ends it takes the last that there is. */
  chooseAt(index: number, more: Parameters<typeof choose>[2] = {}): void {
    const cells = this.cells.get();
    const found = cells[Math.min(Math.max(index, 0), cells.length - 1)];
    if (found !== undefined) this.choose(found.key, more);
  }

  chooseCells(made: readonly YCell[], more: Parameters<typeof choose>[2] = {}): void {
    const [first] = made;
    if (first !== undefined) this.choose(this.keyOf(first), more);
  }

  /** Tells the person when the gateway refuses. */
  send(wish: NewCommand): void {
    this.problem.set('');
    void this.connection.command(wish).then((answer) => {
      if (answer?.say === 'refused') this.problem.set(answer.message || t.refused);
    });
  }

  /** Runs the code among these cells, in their order. */
  run(cells: readonly YCell[]): void {
    const code = cells.filter((cell) => kindOf(cell) === 'code').map(idOf);
    if (code.length > 0) this.send({ do: 'run', cells: code });
  }

  restart(thenRun: readonly YCell[]) {
    const cells = thenRun.filter((cell) => kindOf(cell) === 'code').map(idOf);
    const act = () => this.send({ do: 'restart', ...(cells.length > 0 ? { cells } : {}) });
    const kernel = this.connection.status.get()?.kernel;
    if (kernel === 'none' || kernel === undefined) return act();
    this.question.set({
      text: t.restartQuestion,
      confirm: cells.length > 0 ? t.restartAndRunAll : t.restartKernel,
      act,
    });
  }

  /** Takes the last own change back, or does it again, and goes to where that was: a cell that came back, or one that changed. */
  takeBack(how: 'undo' | 'redo'): void {
    const before = new Set(this.#keysNow());
    this.#changed = new Map();
    this.undo[how]();
    const cells = this.cells.get();
    const found =
      cells.find(({ key }) => !before.has(key)) ?? cells.find(({ cell }) => this.#changed.has(cell.get('source')));
    if (found !== undefined && found.key !== this.selection.get().active) this.choose(found.key);
  }

  stop(): void {
    this.question.set({ text: t.stopQuestion, confirm: t.stopKernel, act: () => this.send({ do: 'stop' }) });
  }

  #keysNow = (): string[] => this.cells.get().map(({ key }) => key);

  #cellsChanged(): void {
    const before = this.#keysNow();
    this.cells.set(cellsOf(this.doc).map((cell) => ({ key: this.keyOf(cell), cell })));
    const now = this.selection.get();
    const next = afterCells(now, before, this.#keysNow());
    /** Whoever stood in a cell that is gone goes on at its neighbour; nobody else loses the focus. */
    const lost = next.active !== now.active && document.activeElement?.closest('.cell') !== null;
    this.selection.set(lost ? { ...next, focus: next.focus + 1 } : next);
  }

  #othersMoved(): void {
    const states = this.connection.awareness?.getStates() ?? new Map<number, unknown>();
    const cells = new Set<string>();
    for (const [client, state] of states) {
      const { cell } = readPerson(client, state);
      if (client !== this.doc.clientID && cell !== undefined) cells.add(cell);
    }
    const before = this.visited.get();
    if (cells.size !== before.size || [...cells].some((cell) => !before.has(cell))) this.visited.set(cells);
  }

  /** A failed cell ends the run: those behind it left the queue without having been run. */
  #announce(all: readonly Announcement[]): void {
    for (const { say, cell: id } of all) {
      const index = this.cells.get().findIndex(({ cell }) => idOf(cell) === id);
      const cell = this.cells.get()[index]?.cell;
      if (cell === undefined) continue;
      const failed = say === 'ended' && hasError(cell);
      const text = { runs: t.cellRuns, asks: t.cellAsks, ended: failed ? t.cellFailed : t.cellDone }[say];
      this.announcement.set(text(index + 1));
      if (failed) return;
    }
  }
}
