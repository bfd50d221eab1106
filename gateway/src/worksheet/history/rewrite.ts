/**
 * Makes an open document hold another notebook by as few changes as possible, in one transaction: cells that are the same stay,
 * texts are changed where they differ, so that cursors and what others write at the same time survive. Pure but for the document.
 */
import { diffChars } from 'diff';
import * as Y from 'yjs';
import type { Cell, Json, Notebook } from '../../wire/notebook.ts';
import { align } from '../../wire/notebook-align.ts';
import { without } from '../../wire/notebook-values.ts';
import { EXTRA, ownKeys, readCell } from '../document/cells.ts';
import { cellsOf, makeCell, makeOutput } from '../document/document.ts';

/** The kernel that runs is no part of a version. */
const OF_KERNEL = ['kernelspec', 'language_info'];
/** Changes of a text that are looked for; one with more is replaced between its equal ends. */
const MOST_CHANGES = 500;

export function rewriteDocument(doc: Y.Doc, notebook: Notebook, origin: unknown): void {
  doc.transact(() => {
    const { nbformat: _, nbformat_minor: __, metadata, cells, ...extra } = notebook;
    const shared = doc.getMap('meta').get('metadata');
    if (shared instanceof Y.Map) rewriteMap(shared, metadata, OF_KERNEL);
    const own = doc.getMap('carrel');
    if (Object.keys(extra).length === 0) own.delete(EXTRA);
    else if (!same(own.get(EXTRA), extra)) own.set(EXTRA, extra);
    rewriteCells(cellsOf(doc), cells);
  }, origin);
}

/** From the end, so that places in front of what is changed stay. */
function rewriteCells(shared: Y.Array<Y.Map<unknown>>, wanted: readonly Cell[]): void {
  const present = shared.toArray();
  /** What is no cell has a name that no cell can have. */
  const names = present.map((cell, index) => (cell instanceof Y.Map ? String(cell.get('id')) : `no cell: ${index}`));
  const steps = align(
    names,
    wanted.map(({ id }) => id),
  );
  const stays = new Set<number>();
  for (const step of steps)
    if (step.before !== undefined && step.after !== undefined && !step.moved) {
      const [cell, target] = [present[step.before], wanted[step.after]];
      if (cell !== undefined && target !== undefined && cell.get('cell_type') === target.cell_type)
        stays.add(step.before);
    }
  for (let index = present.length - 1; index >= 0; index -= 1) if (!stays.has(index)) shared.delete(index, 1);
  let at = 0;
  for (const { before, after } of steps) {
    const target = after === undefined ? undefined : wanted[after];
    if (target === undefined) continue;
    if (before === undefined || !stays.has(before)) shared.insert(at, [makeCell(target)]);
    else rewriteCell(shared.get(at), target);
    at += 1;
  }
}

function rewriteCell(shared: Y.Map<unknown>, wanted: Cell): void {
  const now = readCell(shared, new Set(), () => []);
  const { id: _, cell_type, source, metadata, ...more } = wanted;
  const text = shared.get('source');
  if (text instanceof Y.Text) rewriteText(text, source);
  else shared.set('source', new Y.Text(source));
  const own = shared.get('metadata');
  if (own instanceof Y.Map) rewriteMap(own, metadata, []);
  else if (!same(now.metadata, metadata)) shared.set('metadata', new Y.Map(Object.entries(metadata)));
  const extra = without(more, ownKeys(cell_type));
  if (Object.keys(extra).length > 0) {
    if (!same(shared.get(EXTRA), extra)) shared.set(EXTRA, extra);
  } else if (shared.has(EXTRA)) shared.delete(EXTRA);
  if (wanted.cell_type === 'code') rewriteOutputs(shared, wanted);
  else if (!same(now['attachments'], wanted.attachments)) {
    if (wanted.attachments === undefined) shared.delete('attachments');
    else shared.set('attachments', wanted.attachments);
  }
}

/** Those of a cell that is at work are its run's. */
function rewriteOutputs(shared: Y.Map<unknown>, wanted: Extract<Cell, { cell_type: 'code' }>): void {
  if ((shared.get('execution_state') ?? 'idle') !== 'idle') return;
  const now = readCell(shared, new Set());
  if (now['execution_count'] !== wanted.execution_count) shared.set('execution_count', wanted.execution_count);
  if (same(now['outputs'], wanted.outputs)) return;
  const outputs = shared.get('outputs');
  const made = wanted.outputs.map(makeOutput);
  if (!(outputs instanceof Y.Array)) {
    shared.set('outputs', Y.Array.from(made));
    return;
  }
  outputs.delete(0, outputs.length);
  outputs.insert(0, made);
}

function rewriteText(text: Y.Text, wanted: string): void {
  const now = text.toString();
  if (now === wanted) return;
  const changes = diffChars(now, wanted, { maxEditLength: MOST_CHANGES }) ?? between(now, wanted);
  let at = 0;
  for (const { value, added, removed } of changes) {
    if (removed) text.delete(at, value.length);
    else if (added) text.insert(at, value);
    if (!removed) at += value.length;
  }
}

/** Two texts that have only their beginnings and ends in common. */
function between(now: string, wanted: string) {
  const most = Math.min(now.length, wanted.length);
  let start = 0;
  while (start < most && now[start] === wanted[start]) start += 1;
  let end = 0;
  while (end < most - start && now[now.length - 1 - end] === wanted[wanted.length - 1 - end]) end += 1;
  return [
    { value: now.slice(0, start), added: false, removed: false },
    { value: now.slice(start, now.length - end), added: false, removed: true },
    { value: wanted.slice(start, wanted.length - end), added: true, removed: false },
  ];
}

function rewriteMap(shared: Y.Map<unknown>, wanted: Json, kept: readonly string[]): void {
  for (const key of shared.keys()) if (!Object.hasOwn(wanted, key) && !kept.includes(key)) shared.delete(key);
  for (const [key, value] of Object.entries(wanted))
    if (!kept.includes(key) && !same(plain(shared.get(key)), value)) shared.set(key, value);
}

const plain = (value: unknown): unknown => (value instanceof Y.AbstractType ? value.toJSON() : value);

/** Equal but for the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, two] = [a as Json, b as Json];
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(two).length && keys.every((key) => Object.hasOwn(two, key) && same(one[key], two[key]))
  );
}
