/** What only the tests need: a browser, the Jupyter clients of the distribution, gVisor. */

import { installPackages, isDebian, missingPackages } from '../debian.mjs';
import { engineProcess } from '../engine.ts';
import { offerRunsc } from '../engine-runsc.ts';
import { run, step } from '../steps.mjs';

const PACKAGES = [
  'chromium',
  'jupyter-server',
  'jupyter-notebook',
  'python3-ipykernel',
  'python3-jupyter-client',
  'python3-jupyter-kernel-test',
  'python3-nbclient',
  'python3-nbconvert',
  'python3-websocket',
];

/** Debian has runsc for amd64 and not in every release; where it is missing the tests of gVisor say so. */
export async function prepareForTests(): Promise<void> {
  if (!isDebian()) return;
  const missing = missingPackages([...PACKAGES, 'runsc']);
  if (missing.length > 0) {
    await step('installing what the tests need', async (note) => {
      await run('apt-get', ['update', '-q'], { note });
      const hasRunsc = (await run('apt-cache', ['policy', 'runsc'])).includes('Candidate: 0');
      await installPackages(hasRunsc ? [...PACKAGES, 'runsc'] : PACKAGES, note);
    });
  }
  offerRunsc(engineProcess());
}
