/** All rows, in the order in which they run. */
import { SetupError } from '../../setup/steps.mjs';
import { sockets } from '../growth/sockets.ts';
import { worksheets } from '../growth/worksheets.ts';
import type { Row } from '../support/row.ts';
import { atOnce } from './class.ts';
import { drop } from './drop.ts';
import { execute } from './execute.ts';
import { interrupt } from './interrupt.ts';
import { kill } from './kill.ts';
import { layers } from './layers.ts';
import { memory } from './memory.ts';
import { oom } from './oom.ts';
import { open } from './open.ts';
import { print } from './print.ts';
import { restart } from './restart.ts';

export const rows: readonly Row[] = [
  execute,
  layers,
  open,
  atOnce,
  memory,
  print,
  interrupt,
  restart,
  drop,
  kill,
  oom,
  sockets,
  worksheets,
];

/** Those whose names are given (of a row, or of a suite); without a name those of the suite `figures`. */
export function chooseRows(names: readonly string[]): readonly Row[] {
  const wanted = names.length === 0 ? ['figures'] : names;
  const unknown = wanted.filter((name) => !rows.some((row) => row.name === name || row.suite === name));
  if (unknown.length > 0) {
    const known = rows.map(({ name }) => name).join(', ');
    throw new SetupError(`expected names of rows (${known}), got ${unknown.join(', ')}`);
  }
  return rows.filter((row) => wanted.includes(row.name) || wanted.includes(row.suite));
}
