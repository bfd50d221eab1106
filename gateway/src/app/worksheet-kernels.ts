/** Which kernels worksheets may be run with, and what is kept of what they print: what `worksheet/` asks, answered from policies and people. */
import { join } from 'node:path';
import type { Person } from '../auth/principal.ts';
import { CarrelError } from '../base/errors.ts';
import type { PolicyName } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { Kernelspecs, OfferedPolicy } from '../edge/jupyter/kernelspecs.ts';
import type { Store } from '../store/store.ts';
import type { StoredWorksheet } from '../store/worksheets.ts';
import type { OfferedKernel } from '../worksheet/library/library.ts';
import { OutputSpools } from '../worksheet/run/output-spool.ts';

/** Bytes of one cell's full output where the policy does not say. */
const PER_CELL = 64 * 1024 * 1024;

export interface KernelParts {
  readonly store: Pick<Store, 'users'>;
  readonly policies: readonly OfferedPolicy[];
  readonly logger: Logger;
}

/** What rooms ask about kernels. A policy is asked again at each start: what the owner may use may have changed since it was chosen. */
export function executionOf(
  { dataFolder }: { readonly dataFolder?: string | undefined },
  { store, policies, logger }: KernelParts,
  specs: Kernelspecs,
) {
  return {
    spools: dataFolder === undefined ? undefined : new OutputSpools(join(dataFolder, 'full-outputs'), logger),
    perCell: (name: PolicyName) => policies.find((policy) => policy.name === name)?.output?.perCell ?? PER_CELL,
    kernelFor: async ({ owner, kernelspec }: StoredWorksheet) => {
      const user = await store.users.byId(owner);
      if (user === undefined || user.disabled)
        throw new CarrelError('forbidden', 'the account of its owner is disabled');
      const person = { user: owner, name: user.name, role: user.role };
      try {
        return offeredKernel(specs, person, kernelspec);
      } catch (error) {
        if (!(error instanceof CarrelError) || error.code !== 'not_found') throw error;
        const titles = Object.values(specs.list(person, '').kernelspecs).map(({ spec }) => spec['display_name']);
        const others = titles.length === 0 ? 'there is no other' : `there are ${titles.join(', ')}`;
        const message = `the kernel "${kernelspec}" is not open to the owner of this worksheet (any more); choose another one in its kernel menu: ${others}`;
        throw new CarrelError('forbidden', message);
      }
    },
  };
}

/** What a kernelspec's name stands for; without one the default. Throws `not_found` for one that there is not, or not for this person. */
export function offeredKernel(specs: Kernelspecs, person: Person, name: string | undefined): OfferedKernel {
  const { policy, kernel, name: known } = specs.resolve(person, name);
  const { display_name: title, language } = specs.get(person, known, '').spec;
  return {
    name: known,
    policy,
    kernel,
    title: String(title),
    language: String(language),
    cell: specs.longestCell(policy),
  };
}
