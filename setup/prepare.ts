/** Everything between the Node packages and a running Carrel: engine, base image, kernel image. */
import { ensureEngine } from './engine.ts';
import { ensureKernelImage } from './kernel-image.ts';
import { reportFailure } from './steps.mjs';

try {
  await ensureKernelImage(await ensureEngine());
} catch (error) {
  reportFailure(error);
}
