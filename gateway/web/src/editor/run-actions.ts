/** Running cells, and the kernel. */
import { t } from '../texts/texts.ts';
import { type Action, withCells } from './action.ts';
import { behind, clear, insert, runNext } from './cell-actions.ts';
import type { Worksheet } from './worksheet.ts';

const kernelIs = (worksheet: Worksheet): string => worksheet.connection.status.get()?.kernel ?? 'none';
const hasKernel = (worksheet: Worksheet): boolean => kernelIs(worksheet) !== 'none';
const works = (worksheet: Worksheet): boolean =>
  ['busy', 'starting'].includes(kernelIs(worksheet)) ||
  (worksheet.connection.status.get()?.queue.length ?? 0) > 0 ||
  worksheet.connection.waiting.get().length > 0;

export const RUN_ACTIONS = {
  runNext: { text: t.actions.runNext, group: 'run', needs: 'run', act: withCells(runNext) },
  runStay: {
    text: t.actions.runStay,
    group: 'run',
    needs: 'run',
    act: withCells(({ worksheet, chosen }) => {
      worksheet.run(chosen);
      worksheet.choosePositions(worksheet.positions);
    }),
  },
  runInsert: {
    text: t.actions.runInsert,
    group: 'run',
    needs: 'edit',
    act: withCells((chosen) => {
      chosen.worksheet.run(chosen.chosen);
      insert(chosen.worksheet, behind(chosen), 'code', true);
    }),
  },
  runAll: {
    text: t.runAll,
    group: 'run',
    needs: 'run',
    act: withCells(({ worksheet, cells }) => worksheet.run(cells)),
  },
  runAbove: {
    text: t.runAbove,
    group: 'run',
    needs: 'run',
    menu: true,
    act: withCells(({ worksheet, cells, first }) => worksheet.run(cells.slice(0, first))),
  },
  runBelow: {
    text: t.runBelow,
    group: 'run',
    needs: 'run',
    menu: true,
    act: withCells(({ worksheet, cells, first }) => worksheet.run(cells.slice(first))),
  },
  restartAndRunAll: {
    text: t.restartAndRunAll,
    group: 'run',
    needs: 'run',
    menu: true,
    act: withCells(({ worksheet, cells }) => worksheet.restart(cells)),
  },
  interrupt: {
    text: t.actions.interrupt,
    group: 'kernel',
    needs: 'run',
    possible: works,
    act: (worksheet) => worksheet.send({ do: 'interrupt' }),
  },
  restart: {
    text: t.actions.restart,
    group: 'kernel',
    needs: 'run',
    possible: hasKernel,
    act: (worksheet) => worksheet.restart([]),
  },
  stop: {
    text: t.actions.stop,
    group: 'kernel',
    needs: 'run',
    menu: true,
    possible: hasKernel,
    act: (worksheet) => worksheet.stop(),
  },
  kernelMenu: {
    text: t.execution.kernelMenu,
    group: 'kernel',
    needs: 'read',
    menu: true,
    act: (worksheet) => worksheet.kernelMenu.set(true),
  },
  clear: {
    text: t.clearOutputs,
    group: 'run',
    needs: 'edit',
    menu: true,
    act: withCells(({ worksheet, chosen }) => clear(worksheet, chosen)),
  },
  clearAll: {
    text: t.clearAllOutputs,
    group: 'run',
    needs: 'edit',
    menu: true,
    act: withCells(({ worksheet, cells }) => clear(worksheet, cells)),
  },
} satisfies Record<string, Action>;
