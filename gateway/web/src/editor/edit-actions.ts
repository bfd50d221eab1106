/** Choosing, changing, finding and moving cells. */
import { changeKind, makeHeading } from '../document/edits.ts';
import { t } from '../texts/texts.ts';
import { type Action, withCells } from './action.ts';
import {
  behind,
  copy,
  inPlace,
  insert,
  merge,
  move,
  paste,
  remove,
  somethingCopied,
  split,
  step,
} from './cell-actions.ts';
import { findStep, openFind } from './finding.ts';
import type { Worksheet } from './worksheet.ts';

const heading = (level: 1 | 2 | 3 | 4 | 5 | 6): Action => ({
  text: t.actions.heading(level),
  group: 'cell',
  needs: 'edit',
  act: withCells((chosen) => inPlace(chosen, () => makeHeading(chosen.worksheet.doc, chosen.positions, level))),
});

const kind = (text: string, wanted: 'code' | 'markdown' | 'raw'): Action => ({
  text,
  group: 'cell',
  needs: 'edit',
  act: withCells((chosen) => inPlace(chosen, () => changeKind(chosen.worksheet.doc, chosen.positions, wanted))),
});

/** Out of an editor it is where its cursors are; in command mode there is no place to split at. */
function splitAtCursors(worksheet: Worksheet): void {
  const places = worksheet.writing?.cursors();
  if (places !== undefined) split(worksheet, places);
}

export const EDIT_ACTIONS = {
  edit: {
    text: t.actions.edit,
    group: 'edit',
    needs: 'read',
    plain: true,
    act: (worksheet) => worksheet.choose(worksheet.selection.get().active, { mode: 'edit' }),
  },
  extendUp: { text: t.actions.extendUp, group: 'edit', needs: 'read', plain: true, act: (w) => step(w, -1, true) },
  extendDown: { text: t.actions.extendDown, group: 'edit', needs: 'read', plain: true, act: (w) => step(w, 1, true) },
  extendFirst: {
    text: t.actions.extendFirst,
    group: 'edit',
    needs: 'read',
    act: (worksheet) => worksheet.chooseAt(0, { extend: true }),
  },
  extendLast: {
    text: t.actions.extendLast,
    group: 'edit',
    needs: 'read',
    act: (worksheet) => worksheet.chooseAt(Number.POSITIVE_INFINITY, { extend: true }),
  },
  selectAll: {
    text: t.actions.selectAll,
    group: 'edit',
    needs: 'read',
    act: withCells(({ worksheet, cells }) => worksheet.choosePositions(cells.map((_, at) => at))),
  },
  insertAbove: {
    text: t.actions.insertAbove,
    group: 'cell',
    needs: 'edit',
    act: withCells(({ worksheet, first }) => insert(worksheet, first, 'code', false)),
  },
  insertBelow: {
    text: t.actions.insertBelow,
    group: 'cell',
    needs: 'edit',
    act: withCells((chosen) => insert(chosen.worksheet, behind(chosen), 'code', false)),
  },
  insertText: {
    text: t.actions.insertText,
    group: 'cell',
    needs: 'edit',
    act: withCells((chosen) => insert(chosen.worksheet, behind(chosen), 'markdown', true)),
  },
  cut: {
    text: t.actions.cut,
    group: 'edit',
    needs: 'edit',
    act: withCells((chosen) => remove(chosen, copy(chosen))),
  },
  copy: {
    text: t.actions.copy,
    group: 'edit',
    needs: 'read',
    act: withCells((chosen) => {
      copy(chosen);
    }),
  },
  paste: {
    text: t.actions.paste,
    group: 'edit',
    needs: 'edit',
    possible: somethingCopied,
    act: withCells((chosen) => paste(chosen.worksheet, behind(chosen))),
  },
  pasteAbove: {
    text: t.actions.pasteAbove,
    group: 'edit',
    needs: 'edit',
    possible: somethingCopied,
    act: withCells(({ worksheet, first }) => paste(worksheet, first)),
  },
  delete: {
    text: t.actions.delete,
    group: 'edit',
    needs: 'edit',
    act: withCells((chosen) => remove(chosen, chosen.positions)),
  },
  undo: {
    text: t.undo,
    group: 'edit',
    needs: 'edit',
    menu: true,
    act: (worksheet) => worksheet.takeBack('undo'),
  },
  redo: {
    text: t.redo,
    group: 'edit',
    needs: 'edit',
    menu: true,
    act: (worksheet) => worksheet.takeBack('redo'),
  },
  toCode: kind(t.actions.toCode, 'code'),
  toMarkdown: kind(t.actions.toMarkdown, 'markdown'),
  toRaw: kind(t.actions.toRaw, 'raw'),
  heading1: heading(1),
  heading2: heading(2),
  heading3: heading(3),
  heading4: heading(4),
  heading5: heading(5),
  heading6: heading(6),
  merge: { text: t.actions.merge, group: 'cell', needs: 'edit', act: withCells(merge) },
  split: {
    text: t.actions.split,
    group: 'cell',
    needs: 'edit',
    possible: ({ writing }) => writing !== undefined,
    act: splitAtCursors,
  },
  moveUp: { text: t.actions.moveUp, group: 'cell', needs: 'edit', act: withCells((chosen) => move(chosen, -1)) },
  moveDown: { text: t.actions.moveDown, group: 'cell', needs: 'edit', act: withCells((chosen) => move(chosen, 1)) },
  find: {
    text: t.actions.find,
    group: 'edit',
    needs: 'read',
    menu: true,
    act: (worksheet) => openFind(worksheet, false),
  },
  replace: {
    text: t.actions.replace,
    group: 'edit',
    needs: 'edit',
    menu: true,
    act: (worksheet) => openFind(worksheet, true),
  },
  findNext: { text: t.actions.findNext, group: 'edit', needs: 'read', act: (worksheet) => findStep(worksheet, 1) },
  findPrevious: {
    text: t.actions.findPrevious,
    group: 'edit',
    needs: 'read',
    act: (worksheet) => findStep(worksheet, -1),
  },
} satisfies Record<string, Action>;
