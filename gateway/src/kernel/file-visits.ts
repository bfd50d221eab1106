/** When the files of one kernel's sandbox are looked at: after cells, in long ones, and before the sandbox is ended. */
import type { KernelId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { FileKeeper } from './contract.ts';
import type { Kernel } from './kernel.ts';

/** While a cell runs; milliseconds. */
const LOOK_EVERY = 60_000;
/** What a sandbox that is ended waits for its files. */
const RESCUE_WITHIN = 10_000;

export interface FileVisitOptions {
  readonly files?: FileKeeper | undefined;
  readonly logger: Logger;
}

export class FileVisits {
  readonly #id: KernelId;
  readonly #options: FileVisitOptions;
  #lookedAt: number;
  /** Cells that had ended by then. */
  #cells = 0;
  #rescue: Promise<void> | undefined;

  constructor(id: KernelId, now: number, options: FileVisitOptions) {
    this.#id = id;
    this.#options = options;
    this.#lookedAt = now;
  }

  /** Its files are being taken out, because it is about to be ended. */
  get last(): boolean {
    return this.#rescue !== undefined;
  }

  /** Called once in a while: looks where cells have ended and none runs, and each minute of a cell that does. */
  look(kernel: Kernel, now: number): void {
    const { cellsEnded, cell } = kernel.activity;
    const due = cell === undefined ? cellsEnded !== this.#cells : now - this.#lookedAt >= LOOK_EVERY;
    if (this.#options.files === undefined || this.last || !due || kernel.sandbox === undefined) return;
    this.#cells = cellsEnded;
    this.#lookedAt = now;
    this.#options.files.look(this.#id, kernel.sandbox);
  }

  /** Never fails; whoever asks later waits for the same. */
  async rescue(kernel: Kernel | undefined): Promise<void> {
    const { files, logger } = this.#options;
    const sandbox = kernel?.sandbox;
    if (files === undefined || sandbox === undefined) return;
    const scope = Scope.withDeadline('taking the files out', RESCUE_WITHIN);
    this.#rescue ??= scope
      .race(files.rescue(this.#id, sandbox))
      .catch((error) =>
        logger.warn({ err: error, kernel: this.#id }, 'a sandbox ends and its last files are not kept'),
      );
    await this.#rescue;
  }
}
