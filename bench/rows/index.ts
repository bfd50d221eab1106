/** All rows, in the order in which they run. */
import { SetupError } from '../../setup/steps.mjs';
import { sockets } from '../growth/sockets.ts';
import { worksheets } from '../growth/worksheets.ts';
import { pages } from '../load/pages.ts';
import { students } from '../load/students.ts';
import { takeover } from '../load/takeover.ts';
import { begin } from '../page/begin.ts';
import { exported } from '../page/export.ts';
import { large } from '../page/large.ts';
import { people } from '../page/people.ts';
import { rest } from '../page/rest.ts';
import { run } from '../page/run.ts';
import { weight } from '../page/weight.ts';
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
  large,
  run,
  begin,
  people,
  weight,
  exported,
  rest,
  sockets,
  worksheets,
  students,
  takeover,
  pages,
];

/** Those whose names are given (of a row, or of a suite); without a name those of the suites `figures` and `page`. */
export function chooseRows(names: readonly string[]): readonly Row[] {
  const wanted = names.length === 0 ? ['figures', 'page'] : names;
  const unknown = wanted.filter((name) => !rows.some((row) => row.name === name || row.suite === name));
  if (unknown.length > 0) {
    const known = rows.map(({ name }) => name).join(', ');
    throw new SetupError(`expected names of rows (${known}), got ${unknown.join(', ')}`);
  }
  return rows.filter((row) => wanted.includes(row.name) || wanted.includes(row.suite));
}
