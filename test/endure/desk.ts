/**
 * One person at one worksheet: types, runs cells, and remembers what the server has acknowledged. What was acknowledged must be there at
 * the end, once.
 */
import { randomUUID } from 'node:crypto';
import type * as Y from 'yjs';
import type { WorksheetNotice } from '../../gateway/src/wire/worksheet-protocol.ts';
import { cellsOf } from '../../gateway/src/worksheet/document/document.ts';
import type { Dice } from '../kernels/soak/dice.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

/** A page asks again where no answer comes (WR18): the line may have broken. */
const ASK_AGAIN_MS = 3000;
/** Nothing may take longer: every part that is killed is back within seconds. */
const WITHIN_MS = 120_000;

export interface Counts {
  edits: number;
  runs: number;
  /** Runs whose kernel or sandbox was lost, and who were told so. */
  told: number;
  refused: number;
}

/** Writes down in the kernel and in a kept file that it ran; tells the kernel by a name of its own. */
const code = (number: number) => `try:
    life
except NameError:
    import os
    life, ran = os.urandom(4).hex(), []
ran.append(${number})
with open("ran.txt", "a") as file: file.write(f"{life} ${number}\\n")
print("ran ${number}", life, len(ran), len(set(ran)))`;

const READ = 'print(open("ran.txt").read() if __import__("os").path.exists("ran.txt") else "")';

export class Desk {
  readonly problems: string[] = [];
  readonly counts: Counts = { edits: 0, runs: 0, told: 0, refused: 0 };
  readonly #server: { url: string; token: string };
  readonly #name: string;
  readonly #acknowledged: string[] = [];
  #id = '';
  #page: Page | undefined;
  #numbers = 0;
  /** By the kernel's name: how often it has run something twice so far. */
  readonly #twice = new Map<string, number>();

  constructor(name: string, server: { url: string; token: string }) {
    this.#name = name;
    this.#server = server;
  }

  async open(): Promise<void> {
    const cell = { cell_type: 'code', metadata: {}, outputs: [], execution_count: null, source: '' };
    const cells = [
      { ...cell, id: 'runs' },
      { ...cell, id: 'notes' },
    ];
    const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
    this.#id = (await newWorksheet(this.#server, { title: this.#name, notebook })).id;
    this.#page = await Page.open(this.#server, this.#id);
  }

  /** Until `signal` aborts. What goes wrong is in `problems`. */
  async work(dice: Dice, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await (dice.chance(0.5) ? this.#run() : this.#type());
      } catch (error) {
        this.problems.push(`${this.#name}: ${error instanceof Error ? error.message.slice(0, 1500) : String(error)}`);
        return;
      }
      await pause(dice.integer(300, 2500));
    }
  }

  /** What is left of it, in a page that was opened for the purpose. */
  async check(): Promise<void> {
    this.#page?.close();
    this.#page = await Page.open(this.#server, this.#id);
    const notes = this.#lines(cellsOf(this.#page.doc).get(1).get('source') as Y.Text);
    for (const edit of this.#acknowledged) {
      const found = notes.filter((line) => line === edit).length;
      if (found !== 1) this.problems.push(`${this.#name}: ${edit} was acknowledged and stands there ${found} times`);
    }
    this.#page.type(READ);
    await this.#ask();
    await this.#page.until('the list of what ran', () => this.#page?.status?.kernel === 'idle', WITHIN_MS);
    const ran = this.#page.output().split('\n').filter(Boolean);
    const numbers = ran.map((line) => line.split(' ')[1]);
    for (const number of new Set(numbers)) {
      const times = numbers.filter((other) => other === number).length;
      if (times !== 1) this.problems.push(`${this.#name}: run ${number} was run ${times} times`);
    }
  }

  async leave(): Promise<void> {
    await this.#command({ do: 'stop' });
    this.#page?.close();
  }

  async #type(): Promise<void> {
    const page = this.#page as Page;
    this.#numbers += 1;
    const line = `edit-${this.#numbers}`;
    const source = cellsOf(page.doc).get(1).get('source') as Y.Text;
    source.insert(source.length, `${line}\n`);
    await page.until('an edit is saved', () => page.provider.isSynced && !page.provider.hasUnsyncedChanges, WITHIN_MS);
    this.#acknowledged.push(line);
    this.counts.edits += 1;
  }

  async #run(): Promise<void> {
    const page = this.#page as Page;
    this.#numbers += 1;
    const number = this.#numbers;
    page.type(code(number));
    if (!(await this.#ask())) {
      this.counts.refused += 1;
      return;
    }
    const words = () => page.output();
    const said = () => new RegExp(`^ran ${number} (\\w+) (\\d+) (\\d+)$`, 'm').exec(words());
    /** An error that tells of a lost kernel is an answer too. */
    const over = () => said() !== null || /^\w+: /m.test(words());
    await page.until(`the output of run ${number}`, over, WITHIN_MS);
    const found = said();
    if (found === null) this.counts.told += 1;
    else {
      const twice = Number(found[2]) - Number(found[3]);
      if (twice > (this.#twice.get(found[1] ?? '') ?? 0))
        this.problems.push(`${this.#name}: a kernel ran something twice: ${found[0]} at ${new Date().toISOString()}`);
      this.#twice.set(found[1] ?? '', twice);
      this.counts.runs += 1;
    }
    await page.until('the end of the run', () => ['idle', 'none'].includes(page.status?.kernel ?? ''), WITHIN_MS);
  }

  /** Whether the first cell is run. */
  async #ask(): Promise<boolean> {
    return (await this.#command({ do: 'run', cells: ['runs'] })).say === 'done';
  }

  /** Asks until it is answered, with the same id as our own page does. */
  async #command(wish: { do: 'stop' } | { do: 'run'; cells: string[] }): Promise<WorksheetNotice> {
    const page = this.#page as Page;
    const id = randomUUID();
    const found = () => page.notices.find((notice) => 'id' in notice && notice.id === id);
    const end = Date.now() + WITHIN_MS;
    while (found() === undefined) {
      if (Date.now() > end) throw new Error(`waited ${WITHIN_MS} ms for the answer to ${wish.do}`);
      if (page.provider.isSynced) page.provider.sendStateless(JSON.stringify({ id, ...wish }));
      await page.until('an answer', () => found() !== undefined, ASK_AGAIN_MS).catch(() => {});
    }
    const answer = found() as WorksheetNotice;
    page.notices.length = 0;
    return answer;
  }

  #lines(text: Y.Text): string[] {
    return String(text).split('\n');
  }
}

export const pause = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));
