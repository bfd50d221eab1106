/** `npm run bench`, or `npm run bench -- execute open` for some rows. Prepares the machine as `npm start` does, then runs `bench/run.ts`. */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  await ensureDependencies();
  process.exitCode = await runInPlace(node, ['bench/run.ts', ...process.argv.slice(2)], root);
} catch (error) {
  reportFailure(error);
}
