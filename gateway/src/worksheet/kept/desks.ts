/** What this process knows of each worksheet's files beside what is stored: what is going on, and what could not be kept. */
import type { WorksheetId } from '../../base/ids.ts';

export interface Upload {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export class Desk {
  /** Path → why it is not kept, or not in the sandbox. */
  readonly problems = new Map<string, string>();
  /** Files that are being uploaded. */
  readonly reserved = new Set<Upload>();
  #last: Promise<unknown> = Promise.resolve();

  /** One after the other. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  tell(problems: ReadonlyMap<string, string>): void {
    this.problems.clear();
    for (const [path, problem] of problems) this.problems.set(path, problem);
  }
}

export class Desks {
  readonly #desks = new Map<WorksheetId, Desk>();

  of(worksheet: WorksheetId): Desk {
    const found = this.#desks.get(worksheet) ?? new Desk();
    this.#desks.set(worksheet, found);
    return found;
  }
}
