/** Everything between the Node packages and a running Carrel: engine, base image, kernel image, pages. */
import { ensureEngine } from './engine.ts';
import { ensureKernelImage } from './kernel-image.ts';
import { reportFailure } from './steps.mjs';
import { ensureWebPages } from './web-pages.ts';

try {
  await ensureKernelImage(await ensureEngine());
  await ensureWebPages();
} catch (error) {
  reportFailure(error);
}
