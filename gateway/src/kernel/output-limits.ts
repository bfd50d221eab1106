/**
 * A policy's `output.perCell`: what a cell may show. Counted per parent msg_id over the contents of output messages; replies,
 * status, comm and input messages never count and are never cut. Pure.
 */
const OUTPUT: ReadonlySet<string> = new Set([
  'stream',
  'display_data',
  'execute_result',
  'update_display_data',
  'error',
]);
/** Cells whose counts are remembered; threads may write for a cell that has ended. */
const REMEMBERED = 256;

interface CellOutput {
  shown: number;
  cutMessages: number;
  cutBytes: number;
}

export type Verdict =
  | 'pass'
  | 'cut'
  /** The first message that is cut; the notice belongs in its place. `shown` bytes have passed. */
  | { readonly firstCut: { readonly shown: number } };

export class OutputLimits {
  readonly #perCell: number;
  readonly #cells = new Map<string, CellOutput>();

  /** `perCell` in bytes. */
  constructor(perCell: number) {
    this.#perCell = perCell;
  }

  /** `cell` is the parent's msg_id, empty where there is none: such output is no cell's and only the rate bounds it. */
  judge(cell: string, type: string, bytes: number): Verdict {
    if (cell === '' || !OUTPUT.has(type)) return 'pass';
    const output = this.#remember(cell);
    if (output.cutMessages === 0 && output.shown + bytes <= this.#perCell) {
      output.shown += bytes;
      return 'pass';
    }
    output.cutMessages += 1;
    output.cutBytes += bytes;
    return output.cutMessages === 1 ? { firstCut: { shown: output.shown } } : 'cut';
  }

  /** What was cut of a cell that ends now; undefined where nothing was. The next cell of the same id starts anew. */
  end(cell: string): { readonly messages: number; readonly bytes: number } | undefined {
    const output = this.#cells.get(cell);
    this.#cells.delete(cell);
    if (output === undefined || output.cutMessages === 0) return undefined;
    return { messages: output.cutMessages, bytes: output.cutBytes };
  }

  #remember(cell: string): CellOutput {
    const known = this.#cells.get(cell);
    if (known !== undefined) return known;
    const output = { shown: 0, cutMessages: 0, cutBytes: 0 };
    this.#cells.set(cell, output);
    const [oldest] = this.#cells.keys();
    if (this.#cells.size > REMEMBERED && oldest !== undefined) this.#cells.delete(oldest);
    return output;
  }
}
