/** Whether there is room for one more sandbox, and if not, the sentence that says why with the numbers. Pure. */
import { formatSize } from '../config/quantities.ts';

export interface Share {
  /** Bytes for all sandboxes together. */
  readonly memory: number;
  readonly sandboxes: number;
}

export interface Use {
  readonly memory: number;
  readonly sandboxes: number;
}

/** Undefined when a sandbox of `memory` bytes fits. */
export function refusal(share: Share, use: Use, memory: number): string | undefined {
  if (use.sandboxes >= share.sandboxes) return `sandboxes: ${use.sandboxes} of ${share.sandboxes} in use`;
  if (use.memory + memory > share.memory) {
    return `memory for worksheets: ${ofTotal(use.memory, share.memory)} in use, this one asks ${formatSize(memory)}`;
  }
  return undefined;
}

/** What could be given up to make room, cheapest first. */
export interface Spare {
  readonly memory: number;
}

/**
 * The fewest of `spares`, from the front, without which there is room; undefined when not even without all of them, and then
 * none may be given up.
 */
export function makeRoom<T extends Spare>(
  share: Share,
  use: Use,
  memory: number,
  spares: readonly T[],
): T[] | undefined {
  const given: T[] = [];
  let left = use;
  for (const spare of [...spares, undefined]) {
    if (refusal(share, left, memory) === undefined) return given;
    if (spare === undefined) break;
    given.push(spare);
    left = { memory: left.memory - spare.memory, sandboxes: left.sandboxes - 1 };
  }
  return undefined;
}

/** `15.5 of 16 GiB`: one unit where both have the same. */
function ofTotal(used: number, total: number): string {
  const [usedText, totalText] = [formatSize(used), formatSize(total)];
  const [number, unit] = usedText.split(' ');
  return totalText.endsWith(` ${unit}`) ? `${number} of ${totalText}` : `${usedText} of ${totalText}`;
}
