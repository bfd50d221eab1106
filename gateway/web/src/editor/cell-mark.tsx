/** What stands to the left of a cell: its number and state, the button that runs it, the handle that moves it, its section's fold. */
import type { MouseEvent } from 'react';
import type { CellMark as CellMarkName } from '../document/edits.ts';
import { type CellKind, countOf, idOf, type YCell } from '../document/schema.ts';
import { Icon } from '../shared/icons.tsx';
import { usePart } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { startDrag } from './drag.ts';
import { useWorksheet } from './hooks.ts';
import type { PageCell } from './page-cell.ts';
import { perform } from './perform.ts';
import { type RunState, runState } from './run-state.ts';
import type { Worksheet } from './worksheet.ts';

export const useRunState = (worksheet: Worksheet, id: string): RunState =>
  usePart(worksheet.connection.shownRun, ({ status, waiting }) => runState(id, status, waiting));

export function CellMark({ page, kind, state }: { page: PageCell; kind: CellKind; state: RunState }) {
  const worksheet = useWorksheet();
  const mayEdit = usePart(worksheet.role, () => worksheet.may('edit'));
  return (
    <div className="mark">
      {kind === 'code' && <RunMark page={page} state={state} />}
      {kind === 'markdown' && <Fold page={page} />}
      {mayEdit && (
        <span className="grip" title={t.dragCell} onPointerDown={(event) => startDrag(worksheet, page.key, event)}>
          <Icon name="grip" />
        </span>
      )}
    </div>
  );
}

function RunMark({ page, state }: { page: PageCell; state: RunState }) {
  const worksheet = useWorksheet();
  const mayRun = usePart(worksheet.role, () => worksheet.may('run'));
  const count = countOf(page.cell);
  const skipped = usePart(
    worksheet.connection.status,
    (status) => status?.skipped.includes(idOf(page.cell)) === true && state === 'idle',
  );
  const ran = count === undefined ? t.notRun : t.runNumber(count);
  const told = { idle: skipped ? t.execution.skipped : ran, waiting: t.waiting, running: t.running }[state];
  const run = (event: MouseEvent) => {
    /** These choose the cell. */
    if (event.shiftKey || event.ctrlKey || event.metaKey) return;
    worksheet.choose(page.key, { focus: false });
    perform(worksheet, 'runStay');
  };
  return (
    <>
      <span className="count" title={told} data-skipped={skipped || undefined}>
        <span aria-hidden="true">{skipped ? '[–]' : state === 'idle' ? `[${count ?? ' '}]` : '[*]'}</span>
        <span className="for-readers">{told}</span>
      </span>
      {mayRun && (
        <button type="button" className="run" tabIndex={-1} aria-label={t.runCell} title={t.runCell} onClick={run}>
          <Icon name="run" />
        </button>
      )}
    </>
  );
}

/** Of a cell that begins a section with cells in it. */
function Fold({ page }: { page: PageCell }) {
  const worksheet = useWorksheet();
  const size = usePart(worksheet.outline.value, ({ sections }) => sections.get(page.key) ?? 0);
  const folded = useFolded(worksheet, page.key);
  if (size === 0) return null;
  const label = folded ? t.unfoldSection : t.foldSection;
  return (
    <button
      type="button"
      className="fold"
      tabIndex={-1}
      aria-expanded={!folded}
      aria-label={label}
      title={label}
      onClick={() => worksheet.marks.set([page.cell], 'folded')}
    >
      <Icon name={folded ? 'shut' : 'open'} />
    </button>
  );
}

/** Whether the cell has the mark, for this page. Renders again when that changes here; the cell's own view follows its metadata. */
export function useMark(worksheet: Worksheet, cell: YCell, as: CellMarkName): boolean {
  usePart(worksheet.marks.own, (own) => own.get(cell)?.get(as));
  return worksheet.marks.has(cell, as);
}

export const useFolded = (worksheet: Worksheet, key: string): boolean =>
  usePart(worksheet.outline.value, ({ cells }) => cells.find((cell) => cell.key === key)?.folded === true);
