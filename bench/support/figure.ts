/** What a row answers: figures with their samples, what they are held against, and tables that explain them. */
import { type Summary, summary } from './stats.ts';

export type Unit = 'ms' | 's' | 'MB' | 'lines' | 'errors' | 'bytes' | 'kB' | '%' | '';

/** What is held against a target: a quantile, the only value, or the ratio to the direct ipykernel of the same run. */
export type Aspect = 'p50' | 'p95' | 'max' | 'ratio';

export interface Figure {
  /** Stands once in the whole suite: `execute`, `open.pool`. */
  readonly name: string;
  /** What is measured, as the table says it. */
  readonly title: string;
  /** What begins and what ends the clock, or how it is counted. */
  readonly how: string;
  readonly unit: Unit;
  readonly measured: Summary;
  /** The same of ipykernel driven directly by jupyter_client, in the same run, in alternating rounds. */
  readonly direct?: Summary;
  /** Median of ours by the median of the direct one. */
  readonly ratio?: number;
  /** At most. */
  readonly targets: Partial<Record<Aspect, number>>;
  readonly reached: boolean;
  /** Parts of the value, and what must be said with it. */
  readonly notes: readonly string[];
}

export interface Table {
  readonly name: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

export interface Outcome {
  readonly figures: readonly Figure[];
  readonly tables?: readonly Table[];
}

export interface Taken {
  readonly name: string;
  readonly title: string;
  readonly how: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  readonly direct?: readonly number[];
  readonly targets?: Partial<Record<Aspect, number>>;
  /** What else must hold, with the words for where it does not. */
  readonly holds?: readonly (readonly [boolean, string])[];
  readonly notes?: readonly string[];
}

/** A figure from what was measured. One without targets has reached them. */
export function figure(taken: Taken): Figure {
  const { name, title, how, unit, targets = {}, holds = [], notes = [] } = taken;
  const measured = summary(taken.samples);
  const direct = taken.direct === undefined ? undefined : summary(taken.direct);
  const ratio = direct === undefined ? undefined : measured.p50 / direct.p50;
  const { p50, p95, max } = measured;
  const values: Record<Aspect, number> = { p50, p95, max, ratio: ratio ?? Number.POSITIVE_INFINITY };
  const within = (Object.entries(targets) as [Aspect, number][]).every(([aspect, most]) => values[aspect] <= most);
  return {
    ...{ name, title, how, unit, measured, targets },
    ...(direct === undefined ? {} : { direct }),
    ...(ratio === undefined ? {} : { ratio }),
    reached: within && holds.every(([held]) => held),
    notes: [...notes, ...holds.filter(([held]) => !held).map(([, words]) => words)],
  };
}
