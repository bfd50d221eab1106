import type { YCell } from '../document/schema.ts';

/** A cell as the page knows it; the key is the page's own, since ids may be changed or doubled by others. */
export interface PageCell {
  readonly key: string;
  readonly cell: YCell;
}
