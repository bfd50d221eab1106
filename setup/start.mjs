/**
 * `npm start`: from a fresh clone to a running Carrel. Installs the Node packages, sees to an engine and the images
 * (`prepare.ts`), then runs `carrel serve`. Every part looks first whether there is anything to do.
 */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  reportFailure(error);
}

/** @param {readonly string[]} args */
async function start(args) {
  await ensureDependencies();
  if (args.includes('--help') || args.includes('-h')) return runInPlace(node, ['setup/help.ts'], root);
  if (args.length > 0) {
    process.stderr.write(
      `npm start takes no argument but --help, got ${args.join(' ')}; settings come from the environment\n`,
    );
    return 2;
  }
  const prepared = await runInPlace(node, ['setup/prepare.ts'], root);
  return prepared === 0 ? runInPlace(node, ['gateway/src/cli/main.ts', 'serve'], root) : prepared;
}
