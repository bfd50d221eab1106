#!/usr/bin/env node
/** The command `carrel`, on the Node of the project's own packages. */
import { existsSync } from 'node:fs';
import { runInPlace } from '../setup/child.mjs';
import { node } from '../setup/dependencies.mjs';

if (existsSync(node)) {
  const main = new URL('../gateway/src/cli/main.ts', import.meta.url).pathname;
  process.exitCode = await runInPlace(node, [main, ...process.argv.slice(2)], process.cwd());
} else {
  process.stderr.write('carrel: the Node packages are not installed; run npm start or npm ci once\n');
  process.exitCode = 1;
}
