/**
 * A table of as many rows as there are: only those on the screen are drawn, and the page itself is scrolled. It is made of elements with
 * the roles of a table, because a table's own elements cannot stand beside each other in another way on a narrow screen.
 */
// biome-ignore-all lint/a11y/useSemanticElements: as above
// biome-ignore-all lint/a11y/useFocusableInteractive: rows and heads of a table are no controls
import { type ReactNode, useMemo, useState } from 'react';
import { toggled } from '../shared/choosing.ts';
import { useShownRows } from '../shared/use-shown-rows.ts';
import { type Order, type Sortable, sorted, turned } from './table-state.ts';
import { ta } from './texts.ts';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Without it the column is not sorted by. */
  readonly by?: (row: Row) => Sortable;
  readonly cell: (row: Row) => ReactNode;
  readonly numeric?: boolean;
}

interface Wish<Row> {
  readonly label: string;
  /** Of the grid, in `admin.css`. */
  readonly className: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  /** What a row is called where it is chosen. */
  readonly nameOf: (row: Row) => string;
  readonly first: Order;
  /** Without it nothing can be chosen. */
  readonly chosen?: ReadonlySet<string>;
  readonly choose?: (chosen: ReadonlySet<string>) => void;
}

export function DataTable<Row>(wish: Wish<Row>) {
  const { label, className, rows, columns, idOf, nameOf, chosen, choose } = wish;
  const [order, setOrder] = useState(wish.first);
  const by = columns.find(({ key }) => key === order.column)?.by;
  const { down } = order;
  const ordered = useMemo(() => (by === undefined ? rows : sorted(rows, by, down)), [rows, by, down]);
  const { list, first, end, before, behind } = useShownRows<HTMLDivElement>(ordered.length);
  const ids = useMemo(() => rows.map(idOf), [rows, idOf]);
  const all = chosen !== undefined && ids.length > 0 && ids.every((id) => chosen.has(id));
  const some = chosen !== undefined && !all && ids.some((id) => chosen.has(id));
  return (
    <div className={`table ${className}`} role="table" aria-label={label} aria-rowcount={ordered.length + 1}>
      <div role="rowgroup" className="table-head">
        <div role="row" aria-rowindex={1}>
          {choose !== undefined && (
            <div role="columnheader" className="choose">
              <input
                type="checkbox"
                className="tick"
                aria-label={ta.chooseAll}
                checked={all}
                ref={(box) => {
                  if (box !== null) box.indeterminate = some;
                }}
                onChange={() => choose(toggled(chosen ?? new Set(), ids))}
              />
            </div>
          )}
          {columns.map(({ key, title, by: sortable, numeric }) => (
            <div
              key={key}
              role="columnheader"
              className={numeric ? `${key} number` : key}
              {...(order.column === key ? { 'aria-sort': order.down ? 'descending' : 'ascending' } : {})}
            >
              {sortable === undefined ? (
                title
              ) : (
                <button type="button" onClick={() => setOrder(turned(order, key))}>
                  {title}
                  <span aria-hidden="true">{order.column === key ? (order.down ? ' ↓' : ' ↑') : ''}</span>
                </button>
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={list} style={{ paddingTop: before, paddingBottom: behind }}>
        {ordered.slice(first, end).map((row, index) => {
          const id = idOf(row);
          return (
            <div key={id} role="row" aria-rowindex={first + index + 2} className="table-row">
              {choose !== undefined && (
                <div role="cell" className="choose">
                  <input
                    type="checkbox"
                    className="tick"
                    aria-label={ta.choose(nameOf(row))}
                    checked={chosen?.has(id) ?? false}
                    onChange={() => choose(toggled(chosen ?? new Set(), [id]))}
                  />
                </div>
              )}
              {columns.map(({ key, title, cell, numeric }) => (
                <div key={key} role="cell" data-title={title} className={numeric ? `${key} number` : key}>
                  {cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
