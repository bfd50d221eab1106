/** One row of the suite: what `npm run bench -- NAME` picks. */
import type { Outcome } from './figure.ts';

/** `figures` and `page` are run where no name is given. `growth` and `load` take long, and are asked for by their names. */
export type Suite = 'figures' | 'page' | 'growth' | 'load';

export interface Bench {
  /** Fewer repetitions: shows that it works, and a first idea of the figures. */
  readonly quick: boolean;
  /** Name of the kernel image. */
  readonly image: string;
  /** A line of progress. */
  say(line: string): void;
}

export interface Row {
  readonly name: string;
  readonly suite: Suite;
  /** What it measures, for the list of rows. */
  readonly title: string;
  measure(bench: Bench): Promise<Outcome>;
}
