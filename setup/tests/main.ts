/** Runs the parts of the tests, two at a time. The last line, and that line only, reads "N passed, N failed". */

import { ensureEngine } from '../engine.ts';
import { ensureKernelImage } from '../kernel-image.ts';
import { SetupError } from '../steps.mjs';
import { ensureWebPages } from '../web-pages.ts';
import { prepareForTests } from './needs.ts';
import { chooseParts, type Part } from './parts.ts';
import { failed, showTally, sum, type Tally } from './tally.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);
const results: [Part, Tally][] = [];
try {
  const chosen = chooseParts(process.argv.slice(2));
  if (chosen.some((part) => part.needsEngine)) {
    await prepareForTests();
    await ensureKernelImage(await ensureEngine());
    await ensureWebPages();
  }
  await runAll(chosen.filter((part) => part.turn === 'first'));
  const others = chosen.filter((part) => part.turn === 'then');
  await Promise.all([runAll(others), runAll(others)]);
} catch (error) {
  const message =
    error instanceof SetupError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  print(`\n${message}`);
  results.push([
    { name: 'preparation', turn: 'first', needsEngine: false, run: async () => failed(message) },
    failed(message),
  ]);
}
finish();

/** Takes one after the other from `left`, which others may take from too. */
async function runAll(left: Part[]): Promise<void> {
  for (let part = left.shift(); part !== undefined; part = left.shift()) results.push([part, await runPart(part)]);
}

async function runPart(part: Part): Promise<Tally> {
  print(`\n━━ ${part.name} ━━`);
  const begun = performance.now();
  let tally: Tally;
  try {
    tally = await part.run(print);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    print(message);
    tally = failed(message);
  }
  if (tally.passed + tally.failed + tally.skipped.length === 0) {
    tally = failed(`${part.name} ran no test`);
    print(`${part.name} ran no test, which is a failure: it should have some`);
  }
  print(`━━ ${part.name}: ${showTally(tally)} in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return tally;
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n        ');
}

/** A skipped test has not shown what it is there to show: it counts as failed. */
function finish(): void {
  print('\n━━ all ━━');
  for (const [part, tally] of results) {
    print(`${part.name.padEnd(12)} ${showTally(tally)}`);
    for (const name of tally.skipped) print(`    skipped, so counted as failed: ${name}`);
    for (const name of tally.again) print(`    at the second attempt: ${indented(name)}`);
    for (const name of tally.failures) print(`    failed: ${indented(name)}`);
  }
  const all = sum(results.map(([, tally]) => tally));
  const bad = all.failed + all.skipped.length;
  process.exitCode = bad === 0 && all.passed > 0 ? 0 : 1;
  print(`${all.passed} passed, ${bad} failed`);
}
