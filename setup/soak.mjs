/** `npm run soak -- --minutes 60 --seed 7`. Prepares the machine as `npm start` does, then runs `test/kernels/soak/main.ts`. */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  await ensureDependencies();
  process.exitCode = await runInPlace(node, ['test/kernels/soak/main.ts', ...process.argv.slice(2)], root);
} catch (error) {
  reportFailure(error);
}
