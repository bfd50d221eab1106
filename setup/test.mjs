/** `npm test`, or `npm test -- unit engine` for some parts. Prepares the machine as `npm start` does, then runs `tests/main.ts`. */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  await ensureDependencies();
  process.exitCode = await runInPlace(node, ['setup/tests/main.ts', ...process.argv.slice(2)], root);
} catch (error) {
  reportFailure(error);
}
