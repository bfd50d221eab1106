/** `npm run images`: builds all images of `compose.yaml` on the engine of this machine, without Compose and without a registry. */
import { runInPlace } from './child.mjs';
import { ensureDependencies, node, root } from './dependencies.mjs';
import { reportFailure } from './steps.mjs';

try {
  await ensureDependencies();
  process.exitCode = await runInPlace(node, ['setup/images.ts'], root);
} catch (error) {
  reportFailure(error);
}
