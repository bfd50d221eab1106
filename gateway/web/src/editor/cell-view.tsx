/** One cell: its number and state, its source, its outputs, and what can be done with it. */
import { type FocusEvent, type MouseEvent, memo, useEffect, useSyncExternalStore } from 'react';
import { isHidden, toggleHidden } from '../document/edits.ts';
import { type CellKind, cellsOf, countOf, hasError, idOf, kindOf } from '../document/schema.ts';
import { Icon } from '../shared/icons.tsx';
import { usePart, useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useCell, useNear, useWorksheet } from './hooks.ts';
import { OutputsView } from './outputs-view.tsx';
import { insert, perform } from './perform.ts';
import { QuestionForm } from './question-form.tsx';
import { type RunState, runState } from './run-state.ts';
import { Source } from './source.tsx';
import { TextCell } from './text-cell.tsx';
import type { PageCell, Worksheet } from './worksheet.ts';

interface Wish {
  readonly page: PageCell;
  /** From 1. */
  readonly position: number;
  readonly count: number;
  readonly chosen: boolean;
}

const kindText = (kind: CellKind): string => ({ code: t.kindCode, markdown: t.kindMarkdown, raw: t.kindRaw })[kind];

export const CellView = memo(({ page, position, count, chosen }: Wish) => {
  const worksheet = useWorksheet();
  const { cell, key } = page;
  useCell(cell);
  const kind = kindOf(cell);
  const [ref, near] = useNear();
  const active = usePart(worksheet.selection, (now) => now.active === key);
  const editing = usePart(worksheet.selection, (now) => now.active === key && now.mode === 'edit');
  const focus = usePart(worksheet.selection, (now) => (now.active === key && now.mode === 'command' ? now.focus : 0));
  const state = useRunState(worksheet, idOf(cell));
  const question = usePart(worksheet.connection.status, (status) =>
    status?.question?.cell === idOf(cell) ? status.question : undefined,
  );

  useEffect(() => {
    if (focus === 0 || ref.current === null) return;
    ref.current.focus({ preventScroll: true });
    ref.current.scrollIntoView({ block: 'nearest' });
  }, [focus, ref]);

  /** What gets the focus by a click or by Tab becomes the chosen cell. */
  const focused = ({ target }: FocusEvent) => {
    const mode = target.closest('.cm-content') === null ? 'command' : 'edit';
    const now = worksheet.selection.get();
    if (now.active !== key || now.mode !== mode) worksheet.choose(key, { mode, focus: false });
  };
  const pressed = (event: MouseEvent) => {
    if (!event.shiftKey || (event.target as Element).closest('.cm-editor, .outputs, button, a') !== null) return;
    event.preventDefault();
    worksheet.choose(key, { extend: true });
  };

  const label = t.cellLabel(position, kindText(kind));
  const shown = near || active;
  return (
    <article
      ref={ref}
      className={`cell ${kind}`}
      aria-label={label}
      aria-posinset={position}
      aria-setsize={count}
      data-id={idOf(cell)}
      data-active={active || undefined}
      data-chosen={chosen || undefined}
      data-mode={active ? (editing ? 'edit' : 'command') : undefined}
      data-run={kind === 'code' ? state : undefined}
      data-far={!shown || undefined}
      data-failed={(kind === 'code' && state === 'idle' && hasError(cell)) || undefined}
      tabIndex={active ? 0 : -1}
      onFocus={focused}
      onMouseDown={pressed}
    >
      {kind === 'code' ? <RunMark page={page} state={state} /> : <div className="mark" />}
      <div className="body">
        {isHidden(cell, 'source_hidden') && !editing ? (
          <button type="button" className="hidden-output" onClick={() => showSource(worksheet, page)}>
            {t.sourceHidden}
          </button>
        ) : kind === 'markdown' ? (
          <TextCell page={page} near={shown} label={label} />
        ) : (
          <CodeSource page={page} near={shown} label={label} kind={kind} />
        )}
        {kind === 'code' && <OutputsView page={page} near={shown} />}
        {question !== undefined && <QuestionForm key={question.id} question={question} active={active} />}
      </div>
      {active && <Tools page={page} position={position} count={count} kind={kind} />}
    </article>
  );
});

function CodeSource({ kind, ...wish }: { page: PageCell; near: boolean; label: string; kind: CellKind }) {
  const language = useValue(useWorksheet().language);
  return <Source {...wish} language={kind === 'code' ? language : ''} prose={kind === 'raw'} />;
}

function useRunState(worksheet: Worksheet, id: string): RunState {
  const { status, waiting } = worksheet.connection;
  const subscribe = (changed: () => void) => {
    const ends = [status.subscribe(changed), waiting.subscribe(changed)];
    return () => {
      for (const end of ends) end();
    };
  };
  return useSyncExternalStore(subscribe, () => runState(id, status.get(), waiting.get()));
}

function RunMark({ page, state }: { page: PageCell; state: RunState }) {
  const worksheet = useWorksheet();
  const count = countOf(page.cell);
  const told = { idle: count === undefined ? t.notRun : t.runNumber(count), waiting: t.waiting, running: t.running }[
    state
  ];
  const run = () => {
    worksheet.choose(page.key, { focus: false });
    perform(worksheet, 'runStay');
  };
  return (
    <div className="mark">
      <span className="count" title={told}>
        <span aria-hidden="true">{state === 'idle' ? `[${count ?? ' '}]` : '[*]'}</span>
        <span className="for-readers">{told}</span>
      </span>
      <button type="button" className="run" tabIndex={-1} aria-label={t.runCell} title={t.runCell} onClick={run}>
        <Icon name="run" />
      </button>
    </div>
  );
}

function Tools({ page, position, count, kind }: { page: PageCell; position: number; count: number; kind: CellKind }) {
  const worksheet = useWorksheet();
  const change = (wanted: string) =>
    perform(worksheet, wanted === 'code' ? 'toCode' : wanted === 'markdown' ? 'toMarkdown' : 'toRaw');
  return (
    <>
      <div className="tools" role="toolbar" aria-label={t.cellTools(position)}>
        <select aria-label={t.cellKind} value={kind} onChange={(event) => change(event.target.value)}>
          <option value="code">{t.code}</option>
          <option value="markdown">{t.text}</option>
          <option value="raw">{t.raw}</option>
        </select>
        <Tool name="up" label={t.moveUp} disabled={position === 1} act={() => perform(worksheet, 'moveUp')} />
        <Tool name="down" label={t.moveDown} disabled={position === count} act={() => perform(worksheet, 'moveDown')} />
        <Tool name="delete" label={t.deleteCell} act={() => perform(worksheet, 'delete')} />
      </div>
      <InsertButtons at={() => worksheet.cells.get().findIndex(({ key }) => key === page.key) + 1} />
    </>
  );
}

const Tool = ({
  name,
  label,
  act,
  disabled,
}: {
  name: 'up' | 'down' | 'delete';
  label: string;
  act: () => void;
  disabled?: boolean;
}) => (
  <button type="button" aria-label={label} title={label} disabled={disabled} onClick={act}>
    <Icon name={name} />
  </button>
);

export function InsertButtons({ at }: { at: () => number }) {
  const worksheet = useWorksheet();
  return (
    <div className="insert">
      <button type="button" aria-label={t.insertCodeBelow} onClick={() => insert(worksheet, at(), 'code', true)}>
        <Icon name="plus" /> {t.insertCode}
      </button>
      <button type="button" aria-label={t.insertTextBelow} onClick={() => insert(worksheet, at(), 'markdown', true)}>
        <Icon name="plus" /> {t.insertText}
      </button>
    </div>
  );
}

function showSource(worksheet: Worksheet, page: PageCell): void {
  const at = cellsOf(worksheet.doc).toArray().indexOf(page.cell);
  if (at >= 0) toggleHidden(worksheet.doc, { first: at, last: at }, 'source_hidden');
}
