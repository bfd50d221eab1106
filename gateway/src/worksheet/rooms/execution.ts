/**
 * What rooms need to run cells beside the kernel itself: which kernel may be started for a worksheet, whether its sandbox sleeps, and
 * where the whole of its outputs is kept. Sleep is stored, because it begins when nobody looks.
 */
import { kernelOfWorksheet, type PolicyName, type WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import type { KernelEnd, Kernels } from '../../kernel/contract.ts';
import type { StoredWorksheet, Worksheets } from '../../store/worksheets.ts';
import type { ChosenKernel, FullOutput, Sleep } from '../../wire/execution-facts.ts';
import type { OutputBound } from '../document/cell-outputs.ts';
import type { FullOutputFile, OutputSpool, OutputSpools } from '../run/output-spool.ts';
import type { KernelChoice } from '../run/runner-kernel.ts';

export interface WorksheetKernel {
  /** The kernelspec's name, and as people read it. */
  readonly name: string;
  readonly title: string;
  readonly policy: PolicyName;
  readonly kernel: string;
  /** The longest run of a cell, in milliseconds. */
  readonly cell?: number | undefined;
}

export interface ExecutionOptions {
  readonly worksheets: Worksheets;
  readonly kernels: Kernels;
  readonly bound: OutputBound;
  /** What the worksheet's kernelspec stands for. Throws `forbidden` where its owner may not use it (any more). */
  readonly kernelFor: (worksheet: StoredWorksheet) => Promise<WorksheetKernel>;
  /** Bytes that a policy keeps of one cell's output. */
  readonly perCell: (policy: PolicyName) => number;
  /** Undefined where there is no data folder. */
  readonly spools: OutputSpools | undefined;
  readonly logger: Logger;
}

/** What a room is made with. */
export interface RoomExecution {
  readonly kernelspec: ChosenKernel;
  readonly choose: () => Promise<KernelChoice>;
  readonly asleep: Sleep | undefined;
  readonly spool?: OutputSpool;
}

export class Execution {
  readonly #options: ExecutionOptions;

  /** `slept`: the policy has ended the sandbox of a worksheet. */
  constructor(options: ExecutionOptions, slept: (id: WorksheetId, sleep: Sleep) => void) {
    this.#options = options;
    options.kernels.onGone((id, end) => {
      const worksheet = String(id) as WorksheetId;
      options.spools?.forget(worksheet);
      const { at, by } = end;
      if (by === 'other') return;
      slept(worksheet, sleepOf({ at, by }));
      void this.#store(worksheet, { at, by });
    });
  }

  async of(worksheet: StoredWorksheet): Promise<RoomExecution> {
    const { bound, perCell, spools, kernelFor } = this.#options;
    const { id, kernelspec: name, policy, slept } = worksheet;
    const kernelspec = await kernelFor(worksheet).catch(() => ({ name, title: name, cell: undefined }));
    const spool = spools?.of(id, bound.head + bound.tail, perCell(policy));
    return {
      kernelspec: chosen(kernelspec),
      choose: () => this.#choose(worksheet),
      asleep: slept && this.#hasKernel(worksheet) === false ? sleepOf(slept) : undefined,
      ...(spool === undefined ? {} : { spool }),
    };
  }

  /** Undefined where more than the document was never kept, or is not any longer. */
  fullOutput(id: WorksheetId, cell: FullOutput['cell']): FullOutputFile | undefined {
    return this.#options.spools?.file(id, cell);
  }

  /** Only these have a sandbox. */
  keepFullOutputsOf(ids: Iterable<WorksheetId>): void {
    this.#options.spools?.keepOnly(new Set<string>(ids));
  }

  /** As it is chosen by now. */
  async #choose(before: StoredWorksheet): Promise<KernelChoice> {
    const { worksheets, kernelFor } = this.#options;
    const worksheet = (await worksheets.get(before.id)) ?? before;
    const { name, policy, kernel } = await kernelFor(worksheet);
    if (worksheet.slept !== undefined) await this.#store(worksheet.id, undefined);
    return { kernelspec: name, policy, kernel };
  }

  #hasKernel({ id, owner }: StoredWorksheet): boolean {
    return this.#options.kernels.find(owner, kernelOfWorksheet(id)) !== undefined;
  }

  async #store(id: WorksheetId, slept: StoredWorksheet['slept']): Promise<void> {
    const { worksheets, logger } = this.#options;
    await worksheets
      .setSlept(id, slept)
      .catch((error) => logger.error({ err: error, worksheet: id }, 'that a worksheet sleeps could not be stored'));
  }
}

export const chosen = ({ name, title, cell }: Pick<WorksheetKernel, 'name' | 'title' | 'cell'>): ChosenKernel => ({
  ...{ name, title },
  ...(cell === undefined ? {} : { cell }),
});

const sleepOf = ({ at, by }: { at: number; by: Exclude<KernelEnd['by'], 'other'> }): Sleep => ({
  since: new Date(at).toISOString(),
  by,
});
