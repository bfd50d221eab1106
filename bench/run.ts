/**
 * `npm run bench`: prepares the machine, measures row after row, prints a table and writes the results as JSON. The rows are in
 * `rows/`; a name on the command line picks one, `--quick` repeats less, `--json FILE` keeps the results, `--image NAME` measures a
 * local image instead of the one that is built from `kernel-image/`.
 */
import { parseArgs } from 'node:util';
import { ensureEngine } from '../setup/engine.ts';
import { ensureKernelImage, IMAGE } from '../setup/kernel-image.ts';
import { reportFailure } from '../setup/steps.mjs';
import { ensureWebPages } from '../setup/web-pages.ts';
import { chooseRows, rows } from './rows/index.ts';
import { measureRows } from './support/session.ts';

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      image: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  });
  const chosen = chooseRows(positionals);
  if (values.list) for (const { name, suite, title } of rows) print(`${name.padEnd(12)} ${suite.padEnd(8)} ${title}`);
  else {
    const connection = await ensureEngine();
    await ensureWebPages();
    if (values.image === undefined) await ensureKernelImage(connection);
    const { quick, json, image = IMAGE } = values;
    await measureRows(chosen, { quick, json, image, print });
  }
} catch (error) {
  reportFailure(error);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
