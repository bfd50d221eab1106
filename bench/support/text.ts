/** Figures and tables as lines of text: for the terminal, and cells for Markdown. */
import type { Aspect, Figure, Table, Unit } from './figure.ts';

/** Three digits that mean something. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

const unitAfter = (unit: Unit) => (unit === '' ? '' : ` ${unit}`);

/** `1.52 / 2.31 / 4.40 ms`, or the value alone where there is one sample. */
export function measuredText({ measured, unit }: Pick<Figure, 'measured' | 'unit'>): string {
  const { n, p50, p95, max } = measured;
  const values = n === 1 ? [p50] : [p50, p95, max];
  return `${values.map(digits).join(' / ')}${unitAfter(unit)}`;
}

const ASPECTS: Record<Aspect, string> = { p50: 'p50', p95: 'p95', max: 'max', ratio: 'ratio' };

export function targetText({ targets, measured }: Figure): string {
  const words = Object.entries(targets).map(([aspect, most]) => {
    const name = measured.n === 1 && aspect !== 'ratio' ? '' : `${ASPECTS[aspect as Aspect]} `;
    return `${name}≤ ${digits(most)}`;
  });
  return words.join(', ');
}

export const directText = ({ direct, unit }: Figure): string =>
  direct === undefined ? '' : measuredText({ measured: direct, unit });

export const ratioText = ({ ratio }: Figure): string => (ratio === undefined ? '' : ratio.toFixed(2));

export const reachedText = ({ targets, reached }: Figure): string =>
  Object.keys(targets).length === 0 ? (reached ? '' : 'no') : reached ? 'yes' : 'no';

/** One row of the table of figures. */
export const cellsOf = (figure: Figure): string[] => [
  figure.title,
  String(figure.measured.n),
  measuredText(figure),
  directText(figure),
  ratioText(figure),
  targetText(figure),
  reachedText(figure),
];

export const HEAD = ['measure', 'N', 'p50 / p95 / max', 'ipykernel directly', 'ratio', 'to reach', 'reached'] as const;

export function figureLines(figure: Figure): string[] {
  const direct = figure.direct === undefined ? '' : `; directly ${directText(figure)}, ratio ${ratioText(figure)}`;
  const target = targetText(figure);
  const verdict = target === '' ? '' : `; to reach ${target}: ${reachedText(figure)}`;
  const line = `   ${figure.title}: ${measuredText(figure)} (N=${figure.measured.n}${direct}${verdict})`;
  return [line, ...figure.notes.map((note) => `      ${note}`)];
}

/** Columns as wide as they must be. */
export function tableLines(
  figures: readonly Figure[],
  table: Pick<Table, 'title' | 'head' | 'rows' | 'notes'> = {
    ...{ title: '', head: HEAD, notes: [] },
    rows: figures.map(cellsOf),
  },
): string[] {
  const lines = [table.head, ...table.rows];
  const widths = table.head.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const shown = lines.map((cells) => `   ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
  const title = table.title === '' ? [] : [`   ${table.title}`];
  return [...title, ...shown.map((line) => line.trimEnd()), ...table.notes.map((note) => `      ${note}`)];
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
