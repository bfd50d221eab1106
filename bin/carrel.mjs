#!/usr/bin/env node
/** The command `carrel`, on the Node of the project's own packages. */
import { existsSync } from 'node:fs';
import { runInPlace } from '../setup/child.mjs';
import { ensureDependencies, node } from '../setup/dependencies.mjs';
import { reportFailure } from '../setup/steps.mjs';

try {
  /** Only where nothing is there: what a program reads from our output is not to begin with the steps of an upgrade. */
  if (!existsSync(node)) await ensureDependencies();
  const main = new URL('../gateway/src/cli/main.ts', import.meta.url).pathname;
  process.exitCode = await runInPlace(node, [main, ...process.argv.slice(2)], process.cwd());
} catch (error) {
  reportFailure(error);
}
