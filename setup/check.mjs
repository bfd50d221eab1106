/** `npm run check`: what can be told without an engine, in under a minute. The checks themselves are in `checks/`. */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  await ensureDependencies();
  process.exitCode = await runInPlace(node, ['setup/checks/main.ts'], root);
} catch (error) {
  reportFailure(error);
}
