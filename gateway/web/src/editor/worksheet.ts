/**
 * One open worksheet in the page: the shared document, the line to the gateway, what is chosen, and what the page says. React
 * reads the values and calls `perform`; nothing here knows React's elements.
 */
import * as Y from 'yjs';
import { onOthers, readPerson } from '../document/people.ts';
import { cellsOf, hasError, idOf, kindOf, type YCell } from '../document/schema.ts';
import { Undo } from '../document/undo.ts';
import type { NewCommand } from '../line/command-queue.ts';
import { Connection } from '../line/connection.ts';
import type { WorksheetRole } from '../shared/api.ts';
import { socketAddress } from '../shared/root.ts';
import { Value } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { LiveWidgets } from '../widgets/live-widgets.ts';
import { CellMarks } from './cell-marks.ts';
import type { Find } from './find-state.ts';
import { Outline } from './outline.ts';
import type { PageCell } from './page-cell.ts';
import type { PanelName } from './panel-name.ts';
import { roleMay, type WorksheetRight } from './rights.ts';
import { type Announcement, announcements } from './run-state.ts';
import { afterCells, choose, chosenPositions, nothingChosen, type Selection, toggle } from './selection-state.ts';
import { ViewOptions } from './view-options.ts';

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
  readonly widgets: LiveWidgets;
  readonly cells = new Value<readonly PageCell[]>([]);
  readonly loaded = new Value(false);
  readonly selection = new Value<Selection>(nothingChosen);
  /** For screen readers. */
  readonly announcement = new Value('');
  /** What could not be done. */
  readonly problem = new Value('');
  readonly question = new Value<Question | undefined>(undefined);
  readonly help = new Value(false);
  readonly palette = new Value(false);
  /** What is looked for; undefined while the find panel is closed. */
  readonly find = new Value<Find | undefined>(undefined);
  /** What was looked for before it was closed. */
  lastFind: Find | undefined;
  /** The editor that is written in: where its cursors are, and what is marked in it. */
  writing: { readonly cursors: () => readonly number[]; readonly marked: () => string } | undefined;
  readonly view = new ViewOptions();
  readonly marks: CellMarks;
  readonly outline: Outline;
  /** What stands beside the cells. */
  readonly panel = new Value<PanelName | undefined>(undefined);
  readonly sharing = new Value(false);
  /** Whether kernels and their limits are shown. */
  readonly kernelMenu = new Value(false);
  /** What the person is to this worksheet: what they may not do is not offered. */
  readonly role = new Value<WorksheetRole>('owner');
  /** Ids of cells in which others have their cursor. */
  readonly visited = new Value<ReadonlySet<string>>(new Set());
  /** The language of code, as kernelspecs name it. */
  readonly language = new Value('python');
  /** The last wish for the focus of a cell that was fulfilled. */
  focusDone = 0;
  readonly #keys = new WeakMap<YCell, string>();
  #nextKey = 0;
  #toldRole: WorksheetRole | undefined;
  #changed: ReadonlyMap<unknown, unknown> = new Map();

  constructor(id: string) {
    this.id = id;
    this.connection = new Connection(socketAddress('api/worksheets/socket'), id, this.doc);
    this.undo = new Undo(this.doc);
    this.widgets = new LiveWidgets(this.connection);
    this.marks = new CellMarks(this.doc, () => this.may('edit'));
    this.outline = new Outline(this.doc, this.cells, this.marks);
    cellsOf(this.doc).observe(() => this.#cellsChanged());
    this.connection.provider.on('synced', () => {
      this.#cellsChanged();
      this.loaded.set(true);
    });
    this.undo.manager.on('stack-item-popped', ({ changedParentTypes }) => {
      this.#changed = changedParentTypes;
    });
    const { awareness } = this.connection;
    if (awareness !== null) onOthers(awareness, () => this.#othersMoved());
    this.selection.subscribe(() => this.#announceChosen());
    let before = this.connection.status.get();
    this.connection.status.subscribe(() => {
      const now = this.connection.status.get();
      this.#announce(announcements(before, now));
      before = now;
    });
    this.connection.role.subscribe(() => this.#roleTold(this.connection.role.get()));
    /** What is on the page can still be read and copied. */
    this.connection.withdrawn.subscribe(() => this.role.set('viewer'));
  }

  /** Positions of the chosen cells in ascending order; empty while there are none. */
  get positions(): readonly number[] {
    return chosenPositions(this.selection.get(), this.#keysNow());
  }

  /** Of the one cell that has the keyboard; -1 without one. */
  get activePosition(): number {
    return this.#keysNow().indexOf(this.selection.get().active ?? '');
  }

  /** Whether this person's role has the right; the gateway asks again. */
  may(right: WorksheetRight): boolean {
    return roleMay(this.role.get(), right);
  }

  /** The next position in that direction that no folded section hides; undefined where there is none. */
  shownBeside(position: number, by: -1 | 1): number | undefined {
    const cells = this.cells.get();
    const { hidden } = this.outline.value.get();
    let at = position + by;
    while (hidden.has(cells[at]?.key ?? '')) at += by;
    return cells[at] === undefined ? undefined : at;
  }

  /** What is hidden between them or behind them in folded sections is meant as well. */
  withHidden(positions: readonly number[]): readonly number[] {
    const cells = this.cells.get();
    const { hidden } = this.outline.value.get();
    const all = new Set(positions);
    for (const position of positions) for (let at = position + 1; hidden.has(cells[at]?.key ?? ''); at++) all.add(at);
    return [...all].sort((a, b) => a - b);
  }

  /** The first word of the gateway is no news; later ones are changes by the owner. */
  #roleTold(now: WorksheetRole | undefined): void {
    if (now === undefined) return;
    const before = this.#toldRole;
    this.#toldRole = now;
    this.role.set(now);
    if (before === undefined || before === now) return;
    const less = (['run', 'edit', 'manage'] as const).some((right) => roleMay(before, right) && !roleMay(now, right));
    this.problem.set(less ? t.share.now[now] : '');
    if (!less) this.announcement.set(now === 'runner' ? t.share.runnerNow : t.share.now[now]);
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

  /** Chooses all of these positions. */
  choosePositions(positions: readonly number[]): void {
    const keys = this.#keysNow();
    const [first, ...others] = positions;
    if (first === undefined) return;
    this.chooseAt(first);
    const together = others.every((at, index) => at === first + index + 1);
    const also = others.flatMap((at) => keys[at] ?? []);
    if (together) this.chooseAt(others.at(-1) ?? first, { extend: true });
    else this.selection.set({ ...this.selection.get(), also });
  }

  /** Unfolds every section that hides the cell. */
  reveal(key: string): void {
    const cells = this.cells.get();
    const at = cells.findIndex((one) => one.key === key);
    const { sections, hidden } = this.outline.value.get();
    if (!hidden.has(key)) return;
    const around = cells.filter((one, index) => index < at && index + (sections.get(one.key) ?? -1) >= at);
    this.marks.set(
      around.map(({ cell }) => cell),
      'folded',
      false,
    );
  }

  /** Adds a cell to the chosen ones, or takes it out. */
  toggleChosen(key: string): void {
    this.selection.set(toggle(this.selection.get(), key, this.#keysNow()));
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
    if (!this.may('edit')) {
      this.problem.set(t.notAllowed.edit);
      return;
    }
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

  #announceChosen(): void {
    const count = this.positions.length;
    if (count > 1) this.announcement.set(t.selectedCells(count));
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
