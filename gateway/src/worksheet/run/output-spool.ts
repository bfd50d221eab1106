/**
 * What cells print beyond what their document keeps, whole, in files of the data folder while the sandbox lives: a folder for each
 * worksheet, a file for each cell. A cell's text is gathered in memory until the document may begin to cut it; most cells never need
 * a file. Files are written at once, so that what is in the document is in the file (docs/spec/worksheet-run.md, WR25).
 */
import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import type { FullOutput } from '../../wire/execution-facts.ts';
import { sizeText } from '../../wire/memory-facts.ts';
import { isCellId } from '../../wire/notebook-values.ts';

const ENDING = '.txt';
/** All files of a worksheet have at most so many times the bytes of one; the oldest go. */
const MOST_FULL = 4;

export interface FullOutputFile {
  readonly path: string;
  readonly bytes: number;
}

/** The folders of all worksheets. */
export class OutputSpools {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** `from`: characters after which a cell's text goes to a file; `perCell`: bytes of one file. */
  of(id: WorksheetId, from: number, perCell: number): OutputSpool {
    return new OutputSpool(join(this.#folder, id), from, perCell, this.#logger);
  }

  /** Undefined where there is none. */
  file(id: WorksheetId, cell: string): FullOutputFile | undefined {
    if (!isCellId(cell)) return undefined;
    const path = join(this.#folder, id, cell + ENDING);
    const bytes = statSync(path, { throwIfNoEntry: false })?.size;
    return bytes === undefined ? undefined : { path, bytes };
  }

  /** The sandbox has ended. */
  forget(id: WorksheetId): void {
    this.#remove(id);
  }

  /** Of an earlier process: only worksheets with a sandbox keep theirs. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of filesOf(this.#folder)) if (!ids.has(id)) this.#remove(id);
  }

  #remove(id: string): void {
    try {
      rmSync(join(this.#folder, id), { recursive: true, force: true });
    } catch (error) {
      this.#logger.warn({ err: error, worksheet: id }, 'full outputs could not be removed');
    }
  }
}

/** The files of one worksheet. A disk that takes nothing costs the full text, not the cell. */
export class OutputSpool {
  readonly #folder: string;
  readonly #from: number;
  readonly #perCell: number;
  readonly #logger: Logger;
  /** Bytes of each file, the oldest first. */
  readonly #files = new Map<string, number>();
  /** Text of cells that run and have no file. */
  readonly #gathered = new Map<string, { size: number; texts: string[] }>();
  readonly #full = new Set<string>();

  constructor(folder: string, from: number, perCell: number, logger: Logger) {
    this.#folder = folder;
    this.#from = from;
    this.#perCell = perCell;
    this.#logger = logger;
    for (const name of filesOf(folder)) {
      const bytes = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
      if (name.endsWith(ENDING) && bytes !== undefined) this.#files.set(name.slice(0, -ENDING.length), bytes);
    }
  }

  get files(): readonly FullOutput[] {
    return [...this.#files].map(([cell, bytes]) => ({ cell, bytes }));
  }

  bytesOf(cell: string): number | undefined {
    return this.#files.get(cell);
  }

  /** The cell starts. */
  begin(cell: string): void {
    this.clear(cell);
    if (isCellId(cell)) this.#gathered.set(cell, { size: 0, texts: [] });
  }

  /**
   * An earlier process was at work on this cell: `shown` is what the document had of it, `bytes` what the file had then; undefined
   * where that document is of before the file, and has all of it.
   */
  goOn(cell: string, shown: string, bytes: number | undefined): void {
    const has = this.#files.get(cell);
    if (has !== undefined && bytes !== undefined) {
      if (has > bytes) this.#guarded(() => truncateSync(this.#path(cell), bytes));
      this.#files.set(cell, Math.min(has, bytes));
      return;
    }
    this.clear(cell);
    if (isCellId(cell)) this.#gathered.set(cell, { size: shown.length, texts: [shown] });
  }

  write(cell: string, text: string): void {
    if (this.#files.has(cell)) {
      this.#append(cell, text);
      return;
    }
    const gathered = this.#gathered.get(cell);
    if (gathered === undefined) return;
    gathered.texts.push(text);
    gathered.size += text.length;
    if (gathered.size <= this.#from) return;
    this.#gathered.delete(cell);
    this.#files.set(cell, 0);
    this.#append(cell, gathered.texts.join(''));
  }

  /** The cell has ended: what needed no file until now needs none. */
  end(cell: string): void {
    this.#gathered.delete(cell);
  }

  /** The cell shows nothing more of what it printed. */
  clear(cell: string): void {
    this.#gathered.delete(cell);
    if (!this.#files.delete(cell)) return;
    this.#full.delete(cell);
    this.#guarded(() => rmSync(this.#path(cell), { force: true }));
  }

  /** The sandbox has ended. */
  forget(): void {
    this.#files.clear();
    this.#gathered.clear();
    this.#full.clear();
  }

  #append(cell: string, text: string): void {
    if (this.#full.has(cell)) return;
    let data = Buffer.from(text);
    const room = this.#perCell - (this.#files.get(cell) ?? 0);
    if (data.length > room) {
      this.#full.add(cell);
      const note = `\n[… this file has at most ${sizeText(this.#perCell)}; what the cell printed later is not in it …]\n`;
      data = Buffer.concat([data.subarray(0, Math.max(0, room)), Buffer.from(note)]);
    }
    const written = this.#guarded(() => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      appendFileSync(this.#path(cell), data, { mode: 0o600 });
    });
    if (!written) {
      this.clear(cell);
      return;
    }
    this.#files.set(cell, (this.#files.get(cell) ?? 0) + data.length);
    this.#makeRoom(cell);
  }

  #makeRoom(but: string): void {
    let sum = [...this.#files.values()].reduce((all, bytes) => all + bytes, 0);
    for (const [cell, bytes] of [...this.#files]) {
      if (sum <= MOST_FULL * this.#perCell) return;
      if (cell === but) continue;
      this.clear(cell);
      sum -= bytes;
    }
  }

  #path(cell: string): string {
    return join(this.#folder, cell + ENDING);
  }

  #guarded(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#logger.warn({ err: error }, 'the full output of a cell could not be kept');
      return false;
    }
  }
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
