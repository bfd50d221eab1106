/** The difference of two lists of cells, as a person reads it: pure. */
import { align } from '../../../src/wire/notebook-align.ts';
import type { VersionCell, VersionOutput } from '../../../src/wire/version-rest.ts';
import { type Line, textDiff } from './text-diff.ts';

export interface OutputChange {
  readonly before: readonly VersionOutput[];
  readonly after: readonly VersionOutput[];
  /** Where all that has changed is text. */
  readonly lines?: readonly Line[];
}

export type CellChange =
  /** Cells that stand one after the other and are the same. */
  | { readonly kind: 'same'; readonly count: number }
  /** `position`: from 1, in the list where it is. */
  | { readonly kind: 'added' | 'removed'; readonly position: number; readonly cell: VersionCell }
  | {
      readonly kind: 'changed';
      /** In the later list, from 1. */
      readonly position: number;
      /** In the earlier one, where its place among the others is another. */
      readonly movedFrom?: number;
      readonly cell: VersionCell;
      /** The kind that it had, where that is another one. */
      readonly wasKind?: VersionCell['kind'];
      readonly source?: readonly Line[];
      readonly attachments: boolean;
      readonly outputs?: OutputChange;
    };

export function cellChanges(before: readonly VersionCell[], after: readonly VersionCell[]): CellChange[] {
  const out: CellChange[] = [];
  const names = namesOf(before, after);
  for (const step of align(
    before.map(({ id }) => id),
    names,
  )) {
    const old = step.before === undefined ? undefined : before[step.before];
    const now = step.after === undefined ? undefined : after[step.after];
    if (old !== undefined && now !== undefined && step.before !== undefined && step.after !== undefined) {
      const change = changeOf(old, now, step.after + 1, step.moved ? step.before + 1 : undefined);
      const last = out.at(-1);
      if (change !== undefined) out.push(change);
      else if (last?.kind === 'same') out[out.length - 1] = { kind: 'same', count: last.count + 1 };
      else out.push({ kind: 'same', count: 1 });
    } else if (now !== undefined && step.after !== undefined)
      out.push({ kind: 'added', position: step.after + 1, cell: now });
    else if (old !== undefined && step.before !== undefined)
      out.push({ kind: 'removed', position: step.before + 1, cell: old });
  }
  return out;
}

/** Numbers of cells; one that has moved and changed counts in both. */
export function countChanges(changes: readonly CellChange[]) {
  const count = (holds: (change: CellChange) => boolean) => changes.filter(holds).length;
  return {
    added: count(({ kind }) => kind === 'added'),
    removed: count(({ kind }) => kind === 'removed'),
    moved: count((change) => change.kind === 'changed' && change.movedFrom !== undefined),
    changed: count((change) => change.kind === 'changed' && isMoreThanMoved(change)),
  };
}

export const isMoreThanMoved = (change: Extract<CellChange, { kind: 'changed' }>): boolean =>
  change.source !== undefined || change.outputs !== undefined || change.attachments || change.wasKind !== undefined;

/** The cells of the later list by the ids of the earlier: a cell that was cut and pasted has another id and the same text. */
function namesOf(before: readonly VersionCell[], after: readonly VersionCell[]): string[] {
  const [old, now] = [new Set(before.map(({ id }) => id)), new Set(after.map(({ id }) => id))];
  const free = new Map<string, string[]>();
  for (const cell of before) {
    if (now.has(cell.id) || cell.source.trim() === '') continue;
    const key = `${cell.kind} ${cell.source}`;
    free.set(key, [...(free.get(key) ?? []), cell.id]);
  }
  return after.map((cell) =>
    old.has(cell.id) ? cell.id : (free.get(`${cell.kind} ${cell.source}`)?.shift() ?? cell.id),
  );
}

/** Undefined where nothing has changed. */
function changeOf(
  old: VersionCell,
  now: VersionCell,
  position: number,
  movedFrom: number | undefined,
): CellChange | undefined {
  const outputs = outputChange(old.outputs, now.outputs);
  const change = {
    kind: 'changed',
    position,
    cell: now,
    attachments: old.attachments !== now.attachments,
    ...(movedFrom !== undefined && { movedFrom }),
    ...(old.kind !== now.kind && { wasKind: old.kind }),
    ...(old.source !== now.source && { source: textDiff(old.source, now.source) }),
    ...(outputs !== undefined && { outputs }),
  } as const;
  return movedFrom !== undefined || isMoreThanMoved(change) ? change : undefined;
}

/** Without those at the beginning and the end that are the same. */
function outputChange(old: readonly VersionOutput[], now: readonly VersionOutput[]): OutputChange | undefined {
  let start = 0;
  while (start < old.length && start < now.length && old[start]?.digest === now[start]?.digest) start += 1;
  let end = 0;
  const most = Math.min(old.length, now.length) - start;
  while (end < most && old.at(-1 - end)?.digest === now.at(-1 - end)?.digest) end += 1;
  const [before, after] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  if (before.length === 0 && after.length === 0) return undefined;
  const isText = [...before, ...after].every(({ text, types }) => text !== undefined && !types.some(isPicture));
  const textOf = (outputs: readonly VersionOutput[]) => outputs.map(({ text }) => ended(text ?? '')).join('');
  return { before, after, ...(isText && { lines: textDiff(textOf(before), textOf(after)) }) };
}

const isPicture = (type: string): boolean => type.startsWith('image/');
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
