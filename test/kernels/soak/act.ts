/** One thing that a person does to a kernel in the long run: sends requests and says exactly what must come back. */
import type { Desk } from './desk.ts';

export interface Act {
  readonly name: string;
  /** How often, in relation to the others. */
  readonly weight: number;
  readonly run: (desk: Desk) => Promise<void>;
}
