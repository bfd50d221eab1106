/** One row of the suite: what `npm run bench -- NAME` picks. */
import type { Outcome } from './figure.ts';

/** `figures` and `page` are run where no name is given. `growth` takes long, and is asked for by its name. */
export type Suite = 'figures' | 'page' | 'growth';

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
