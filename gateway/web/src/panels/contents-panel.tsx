/** The table of contents: the headings of all text cells, where one is, and what of each section runs or has failed. */
import { type KeyboardEvent, useEffect, useState } from 'react';
import { hasError, idOf, kindOf } from '../document/schema.ts';
import { useWorksheet } from '../editor/hooks.ts';
import { runState } from '../editor/run-state.ts';
import type { Worksheet } from '../editor/worksheet.ts';
import { usePart, useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';

interface Line {
  readonly key: string;
  readonly level: number;
  readonly text: string;
  /** Which heading of its cell. */
  readonly index: number;
  readonly state: 'running' | 'waiting' | 'failed' | undefined;
}

/** How far down in the view the section that one reads may begin. */
const READING = 0.35;

export function ContentsPanel() {
  const worksheet = useWorksheet();
  const lines = useLines(worksheet);
  const [gone, setGone] = useState<Line>();
  const here = useHere(worksheet, lines, gone);
  if (lines.length === 0) return <p className="note">{t.noHeadings}</p>;
  const top = Math.min(...lines.map(({ level }) => level));
  return (
    <ol className="contents" onKeyDown={walk}>
      {lines.map((line, at) => (
        <li key={`${line.key}-${line.index}`} data-level={line.level - top}>
          <button
            type="button"
            aria-current={at === here ? 'location' : undefined}
            data-state={line.state}
            onClick={() => {
              setGone(line);
              goTo(worksheet, line);
            }}
          >
            <span>{line.text || '…'}</span>
            {line.state !== undefined && (
              <span className="contents-state">
                {{ running: t.running, waiting: t.waiting, failed: t.failedMark }[line.state]}
              </span>
            )}
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Each heading with the state of the code up to the next one. */
function useLines(worksheet: Worksheet): readonly Line[] {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const next = useNewLines(worksheet);
  if (JSON.stringify(next) === JSON.stringify(lines)) return lines;
  setLines(next);
  return next;
}

function useNewLines(worksheet: Worksheet): readonly Line[] {
  const outline = useValue(worksheet.outline.value);
  const cells = useValue(worksheet.cells);
  const { status, waiting } = useValue(worksheet.connection.shownRun);
  const headings = new Map(outline.cells.map((cell) => [cell.key, cell.headings]));
  const lines: Line[] = [];
  for (const { key, cell } of cells) {
    for (const [index, heading] of (headings.get(key) ?? []).entries())
      lines.push({ key, ...heading, index, state: undefined });
    const last = lines.at(-1);
    if (last === undefined || kindOf(cell) !== 'code') continue;
    const run = runState(idOf(cell), status, waiting);
    const state = run !== 'idle' ? run : hasError(cell) ? 'failed' : undefined;
    lines[lines.length - 1] = { ...last, state: worse(last.state, state) };
  }
  return lines;
}

const ORDER = [undefined, 'failed', 'waiting', 'running'] as const;
const worse = (one: Line['state'], other: Line['state']): Line['state'] =>
  ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;

/**
 * The heading above the chosen cell while that is in view, else the last one that has come up into the view. `gone` is the one
 * that was clicked, which matters where a cell has several.
 */
function useHere(worksheet: Worksheet, lines: readonly Line[], gone: Line | undefined): number {
  const active = usePart(worksheet.selection, (selection) => selection.active);
  const [here, setHere] = useState(-1);
  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      setHere(chosenHeading(worksheet, lines, active, gone) ?? readHeading(lines));
    };
    const scrolled = () => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', scrolled, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', scrolled);
    };
  }, [worksheet, lines, active, gone]);
  return here;
}

function chosenHeading(
  worksheet: Worksheet,
  lines: readonly Line[],
  active: string | undefined,
  gone: Line | undefined,
): number | undefined {
  const box = cellOf(active ?? '')?.getBoundingClientRect();
  if (box === undefined || box.bottom < 0 || box.top > innerHeight) return undefined;
  const keys = worksheet.cells.get().map(({ key }) => key);
  const at = keys.indexOf(active ?? '');
  const isAbove = ({ key, index }: Line) =>
    key === active ? index <= (gone?.key === key ? gone.index : 0) : keys.indexOf(key) < at;
  return lines.findLastIndex(isAbove);
}

const readHeading = (lines: readonly Line[]): number =>
  lines.findLastIndex((line) => {
    const top = placeOf(line)?.getBoundingClientRect().top;
    return top !== undefined && top < READING * innerHeight;
  });

const cellOf = (key: string): Element | null =>
  document.querySelector(`.cell[data-key="${CSS.escape(key)}"]:not([hidden])`);

/** The heading itself where it is drawn, else its cell; undefined where a folded section hides it. */
function placeOf({ key, index }: Line): Element | undefined {
  const cell = cellOf(key);
  return cell?.querySelectorAll('.rendered :is(h1, h2, h3, h4, h5, h6)')[index] ?? cell ?? undefined;
}

function goTo(worksheet: Worksheet, line: Line): void {
  worksheet.reveal(line.key);
  worksheet.choose(line.key);
  /** The cell comes into view first, and is drawn. */
  requestAnimationFrame(() => requestAnimationFrame(() => placeOf(line)?.scrollIntoView({ block: 'start' })));
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  const all = [...event.currentTarget.querySelectorAll('button')];
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  event.preventDefault();
  all[(at + by + all.length) % all.length]?.focus();
}
