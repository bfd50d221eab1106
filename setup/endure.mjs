/** `npm run endure -- --minutes 30 --worksheets 60 --seed 7`. Prepares the machine as `npm start` does, then runs `test/endure/main.ts`. */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  await ensureDependencies();
  process.exitCode = await runInPlace(node, ['test/endure/main.ts', ...process.argv.slice(2)], root);
} catch (error) {
  reportFailure(error);
}
