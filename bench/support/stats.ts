/** Order statistics of samples. */
export interface Summary {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Throws where there is no sample. With fewer than twenty samples `p95` is the largest. */
export function summary(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error('expected samples, got none');
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    n: sorted.length,
    min: at(sorted, 0),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: at(sorted, sorted.length - 1),
  };
}

export const median = (samples: readonly number[]): number => summary(samples).p50;

/** The middle of the two middle ones where their number is even; else the smallest that at least this share does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  const half = sorted.length / 2;
  if (share === 0.5 && Number.isInteger(half)) return (at(sorted, half - 1) + at(sorted, half)) / 2;
  return at(sorted, Math.ceil(share * sorted.length) - 1);
}

const at = (sorted: readonly number[], index: number): number => sorted[index] ?? Number.NaN;
