/** What is shown, and where one is. */
import { kindOf, outputsOf } from '../document/schema.ts';
import { t } from '../texts/texts.ts';
import { type Action, withCells } from './action.ts';
import { type Chosen, fold, foldAll, step } from './cell-actions.ts';
import { panelAction } from './panel-action.ts';

const scrollBy = (direction: -1 | 1): void => window.scrollBy({ top: direction * 0.8 * innerHeight });

const ofKind = ({ cells }: Chosen, wanted: string) => cells.filter((cell) => kindOf(cell) === wanted);

export const VIEW_ACTIONS = {
  up: { text: t.actions.up, group: 'view', needs: 'read', plain: true, act: (w) => step(w, -1, false) },
  down: { text: t.actions.down, group: 'view', needs: 'read', plain: true, act: (w) => step(w, 1, false) },
  first: { text: t.actions.first, group: 'view', needs: 'read', act: (worksheet) => worksheet.chooseAt(0) },
  last: {
    text: t.actions.last,
    group: 'view',
    needs: 'read',
    act: (worksheet) => worksheet.chooseAt(worksheet.shownBeside(worksheet.cells.get().length, -1) ?? 0),
  },
  toggleSource: {
    text: t.actions.toggleSource,
    group: 'view',
    needs: 'read',
    act: withCells(({ worksheet, chosen }) => worksheet.marks.set(chosen, 'source_hidden')),
  },
  toggleOutput: {
    text: t.actions.toggleOutput,
    group: 'view',
    needs: 'read',
    act: withCells(({ worksheet, chosen }) => worksheet.marks.set(chosen, 'outputs_hidden')),
  },
  scrollOutput: {
    text: t.actions.scrollOutput,
    group: 'view',
    needs: 'read',
    act: withCells(({ worksheet, chosen }) => worksheet.marks.set(chosen, 'scrolled')),
  },
  toggleAllSources: {
    text: t.actions.toggleAllSources,
    group: 'view',
    needs: 'read',
    menu: true,
    act: withCells((chosen) => chosen.worksheet.marks.set(ofKind(chosen, 'code'), 'source_hidden')),
  },
  toggleAllOutputs: {
    text: t.actions.toggleAllOutputs,
    group: 'view',
    needs: 'read',
    menu: true,
    act: withCells((chosen) => {
      const shown = ofKind(chosen, 'code').filter((cell) => (outputsOf(cell)?.length ?? 0) > 0);
      chosen.worksheet.marks.set(shown, 'outputs_hidden');
    }),
  },
  collapse: {
    text: t.actions.collapse,
    group: 'view',
    needs: 'read',
    act: withCells((chosen) => fold(chosen, true)),
  },
  expand: {
    text: t.actions.expand,
    group: 'view',
    needs: 'read',
    act: withCells((chosen) => fold(chosen, false)),
  },
  collapseAll: {
    text: t.actions.collapseAll,
    group: 'view',
    needs: 'read',
    act: withCells((chosen) => foldAll(chosen, true)),
  },
  expandAll: {
    text: t.actions.expandAll,
    group: 'view',
    needs: 'read',
    act: withCells((chosen) => foldAll(chosen, false)),
  },
  contents: panelAction('contents'),
  lineNumbers: {
    text: t.actions.lineNumbers,
    group: 'view',
    needs: 'read',
    act: (worksheet) => {
      const cells = worksheet.cells.get();
      worksheet.view.toggleLines(worksheet.positions.flatMap((at) => cells[at]?.key ?? []));
    },
  },
  allLineNumbers: {
    text: t.actions.allLineNumbers,
    group: 'view',
    needs: 'read',
    menu: true,
    on: ({ view }) => view.lineNumbers.get(),
    act: ({ view }) => view.toggleAllLines(),
  },
  wrap: {
    text: t.actions.wrap,
    group: 'view',
    needs: 'read',
    menu: true,
    on: ({ view }) => view.wrap.get(),
    act: ({ view }) => view.wrap.set(!view.wrap.get()),
  },
  scrollDown: { text: t.actions.scrollDown, group: 'view', needs: 'read', plain: true, act: () => scrollBy(1) },
  scrollUp: { text: t.actions.scrollUp, group: 'view', needs: 'read', plain: true, act: () => scrollBy(-1) },
  palette: {
    text: t.actions.palette,
    group: 'view',
    needs: 'read',
    menu: true,
    act: ({ palette }) => palette.set(true),
  },
  help: { text: t.shortcuts, group: 'view', needs: 'read', menu: true, act: ({ help }) => help.set(true) },
} satisfies Record<string, Action>;
