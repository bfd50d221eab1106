/** The image of the policy `standard`: what runs in the weak container is what runs in a worksheet. */
import { join } from 'node:path';
import { type Limits, limitsOf } from '../../gateway/src/attack/stage.ts';
import type { PolicyName } from '../../gateway/src/base/ids.ts';
import { loadPolicies } from '../../gateway/src/config/load-policies.ts';

const { policies } = loadPolicies(join(import.meta.dirname, '../../policies'));

function policy(name: string) {
  const found = policies.get(name as PolicyName);
  if (found === undefined) throw new Error(`no policy ${name}`);
  return found;
}

export const kernelImage = (): string => process.env['CARREL_TEST_IMAGE'] ?? policy('standard').image;

export const policyLimits = (name: string): Limits => limitsOf(policy(name));
