/** What a run leaves: the shape of the file of results. */
import type { Figure, Table } from './figure.ts';
import type { Machine } from './machine.ts';

export interface Results {
  readonly date: string;
  readonly command: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Names and versions of the peer. */
  readonly direct: string;
  readonly rows: readonly RowResult[];
}

export interface RowResult {
  readonly name: string;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  /** Why it could not be measured. */
  readonly failure?: string;
}
