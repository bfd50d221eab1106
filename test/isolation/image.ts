/** The image of the policy `standard`: what runs in the weak container is what runs in a worksheet. */
import { join } from 'node:path';
import type { PolicyName } from '../../gateway/src/base/ids.ts';
import { loadPolicies } from '../../gateway/src/config/load-policies.ts';
import type { Limits } from './stage.ts';

const { policies } = loadPolicies(join(import.meta.dirname, '../../policies'));

function policy(name: string) {
  const found = policies.get(name as PolicyName);
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
}

export const kernelImage = (): string => process.env['CARREL_TEST_IMAGE'] ?? policy('standard').image;

export function limitsOf(name: string): Limits {
  const { memory, cpus, output } = policy(name);
  return { memoryMib: memory / 2 ** 20, cpus, outputBytes: output.perCell };
}
