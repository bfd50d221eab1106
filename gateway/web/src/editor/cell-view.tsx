/** One cell: its mark, its source, its outputs, and while it is chosen its tools. */
import { type FocusEvent, type MouseEvent, memo, useEffect } from 'react';
import { type CellKind, hasError, idOf, kindOf } from '../document/schema.ts';
import { usePart, useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { CellMark, useFolded, useMark, useRunState } from './cell-mark.tsx';
import { CellTools } from './cell-tools.tsx';
import { useCell, useNear, useWorksheet } from './hooks.ts';
import { OutputsView } from './outputs-view.tsx';
import type { PageCell } from './page-cell.ts';
import { QuestionForm } from './question-form.tsx';
import { Source } from './source.tsx';
import { TextCell } from './text-cell.tsx';
import { Timing } from './timing.tsx';

interface Wish {
  readonly page: PageCell;
  /** From 1. */
  readonly position: number;
  readonly count: number;
  /** One of several. */
  readonly chosen: boolean;
}

const kindText = (kind: CellKind): string => ({ code: t.kindCode, markdown: t.kindMarkdown, raw: t.kindRaw })[kind];

/** Where a click belongs to what is there. */
const OWN_CLICKS = '.cm-editor, .outputs, button:not(.run), a, select, input, .grip';

export const CellView = memo(({ page, position, count, chosen }: Wish) => {
  const worksheet = useWorksheet();
  const { cell, key } = page;
  useCell(cell);
  const kind = kindOf(cell);
  const [ref, near] = useNear();
  const active = usePart(worksheet.selection, (now) => now.active === key);
  const editing = usePart(worksheet.selection, (now) => now.active === key && now.mode === 'edit');
  const focus = usePart(worksheet.selection, (now) => (now.active === key && now.mode === 'command' ? now.focus : 0));
  const hidden = usePart(worksheet.outline.value, (outline) => outline.hidden.has(key));
  const state = useRunState(worksheet, idOf(cell));
  /** Where the match begins that was gone to; -1 where it is in another cell. */
  const sought = usePart(worksheet.find, (find) => (find?.current?.key === key ? find.current.from : -1));
  const question = usePart(worksheet.connection.status, (status) =>
    status?.question?.cell === idOf(cell) ? status.question : undefined,
  );

  useEffect(() => {
    /** A click into another cell wishes for nothing: moving the page under it would lose the click. */
    if (focus === 0 || focus === worksheet.focusDone || ref.current === null) return;
    worksheet.focusDone = focus;
    ref.current.focus({ preventScroll: true });
    ref.current.scrollIntoView({ block: 'nearest' });
  }, [focus, ref, worksheet]);
  useEffect(() => (sought === -1 || ref.current === null ? undefined : showMatch(ref.current)), [sought, ref]);

  /** What gets the focus by a click or by Tab becomes the chosen cell. */
  const focused = ({ target }: FocusEvent) => {
    const mode = target.closest('.cm-content') === null ? 'command' : 'edit';
    const now = worksheet.selection.get();
    if (now.active !== key || now.mode !== mode) worksheet.choose(key, { mode, focus: false });
  };
  const pressed = (event: MouseEvent) => {
    const adds = event.ctrlKey || event.metaKey;
    if (event.button !== 0 || (!event.shiftKey && !adds) || (event.target as Element).closest(OWN_CLICKS) !== null)
      return;
    event.preventDefault();
    if (adds) worksheet.toggleChosen(key);
    else worksheet.choose(key, { extend: true });
  };

  const label = t.cellLabel(position, kindText(kind));
  const shown = near || active;
  return (
    <article
      ref={ref}
      className={`cell ${kind}`}
      aria-label={chosen ? `${label}, ${t.selected}` : label}
      aria-posinset={position}
      aria-setsize={count}
      hidden={hidden}
      data-key={key}
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
      <CellMark page={page} kind={kind} state={state} />
      <div className="body">
        <CellBody page={page} near={shown} kind={kind} label={label} open={editing || sought !== -1} />
        {kind === 'code' && state === 'running' && !active && <Timing cell={cell} state={state} />}
        {kind === 'code' && <OutputsView page={page} near={shown} />}
        {kind === 'markdown' && <FoldedCells page={page} />}
        {question !== undefined && <QuestionForm key={question.id} question={question} active={active} />}
      </div>
      {active && <CellTools page={page} position={position} count={count} kind={kind} state={state} />}
    </article>
  );
});

/** Frames in which cells that come near get their heights, which moves what is below them. */
const SETTLING = 40;
/** Whoever moves the page by hand is not moved back. */
const BY_HAND = ['wheel', 'touchmove', 'mousedown'] as const;

/** Brings the match into view: the cell first, then its place in the text when that is drawn and its neighbours have their heights. */
function showMatch(cell: HTMLElement): () => void {
  cell.scrollIntoView({ block: 'nearest' });
  let frames = SETTLING;
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const kind of BY_HAND) removeEventListener(kind, stop);
  };
  const look = () => {
    (cell.querySelector('.found.current') ?? cell).scrollIntoView({ block: 'nearest' });
    if (--frames > 0) frame = requestAnimationFrame(look);
    else stop();
  };
  for (const kind of BY_HAND) addEventListener(kind, stop, { passive: true });
  frame = requestAnimationFrame(look);
  return stop;
}

interface BodyWish {
  readonly page: PageCell;
  readonly near: boolean;
  readonly kind: CellKind;
  readonly label: string;
  /** Shown although it is hidden: somebody writes in it, or what is looked for is in it. */
  readonly open: boolean;
}

function CellBody({ page, near, kind, label, open }: BodyWish) {
  const worksheet = useWorksheet();
  const language = useValue(worksheet.language);
  const hidden = useMark(worksheet, page.cell, 'source_hidden');
  if (hidden && !open)
    return (
      <button
        type="button"
        className="hidden-output"
        onClick={() => worksheet.marks.set([page.cell], 'source_hidden', false)}
      >
        {t.sourceHidden}
      </button>
    );
  if (kind === 'markdown') return <TextCell page={page} near={near} label={label} open={open} />;
  return (
    <Source page={page} near={near} label={label} language={kind === 'code' ? language : ''} prose={kind === 'raw'} />
  );
}

/** How many cells the section hides that this one begins. */
function FoldedCells({ page }: { page: PageCell }) {
  const worksheet = useWorksheet();
  const size = usePart(worksheet.outline.value, ({ sections }) => sections.get(page.key) ?? 0);
  if (!useFolded(worksheet, page.key) || size === 0) return null;
  return (
    <button type="button" className="hidden-output" onClick={() => worksheet.marks.set([page.cell], 'folded', false)}>
      {t.foldedCells(size)}
    </button>
  );
}
