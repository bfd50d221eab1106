/**
 * Everything between the Node packages and a running Carrel: engine, base image, kernel image. With `--for-tests` also what
 * only the tests need.
 */
import { ensureEngine } from './engine.ts';
import { ensureKernelImage } from './kernel-image.ts';
import { reportFailure } from './steps.mjs';
import { prepareForTests } from './test-needs.ts';

try {
  if (process.argv.includes('--for-tests')) await prepareForTests();
  await ensureKernelImage(await ensureEngine());
} catch (error) {
  reportFailure(error);
}
