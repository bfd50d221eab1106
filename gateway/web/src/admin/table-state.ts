/** Filtering and sorting in tables: pure. */
import { fold } from '../shared/fold.ts';

export type Sortable = string | number | null;

export interface Order {
  readonly column: string;
  readonly down: boolean;
}

/** Rows whose texts have all of the words in them, wherever; without accents and case. */
export function found<Row>(rows: readonly Row[], wanted: string, textOf: (row: Row) => string): readonly Row[] {
  const words = fold(wanted).split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = fold(textOf(row));
    return words.every((word) => text.includes(word));
  });
}

/** In the order of what `by` answers; what has none comes last either way, and equals keep their places. */
export function sorted<Row>(rows: readonly Row[], by: (row: Row) => Sortable, down: boolean): Row[] {
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const compare = (one: string | number, other: string | number) =>
    typeof one === 'number' && typeof other === 'number' ? one - other : words.compare(String(one), String(other));
  return rows
    .map((row) => ({ row, value: by(row) }))
    .sort(({ value: one }, { value: other }) => {
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      return down ? compare(other, one) : compare(one, other);
    })
    .map(({ row }) => row);
}

/** A click on a column's head: it becomes the order, or the order turns round. */
export const turned = (order: Order, column: string): Order =>
  order.column === column ? { column, down: !order.down } : { column, down: false };
