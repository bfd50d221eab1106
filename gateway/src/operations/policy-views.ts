/** The policies as they were loaded, with the place of each value and what bounds it. Pure. */
import type { PolicySources, SourcedValue } from '../config/policy-sources.ts';
import type { PoliciesModel, PolicyValue } from '../wire/admin-rest.ts';

/** Which key of a policy is bounded by which key of the ceiling. */
const BOUNDED: Readonly<Record<string, string>> = {
  memory: 'memory',
  cpus: 'cpus',
  pids: 'pids',
  openFiles: 'openFiles',
  life: 'life',
  cell: 'cell',
  'output.perCell': 'perCell',
  'files.size': 'files',
  'pool.max': 'pool',
};
/** What policies call the image that Carrel brings. */
const OWN_IMAGE = 'carrel-kernel';

export interface KnownPolicy {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** `kernelImage` is what the setting makes of "carrel-kernel". */
export function policiesModel(
  policies: readonly KnownPolicy[],
  sources: PolicySources,
  kernelImage: string,
): PoliciesModel {
  const ceilings = new Map(sources.site.map((value) => [value.key, value]));
  const shown = (value: SourcedValue): PolicyValue => {
    const bound = ceilings.get(`ceiling.${BOUNDED[value.key] ?? ''}`);
    const ceiling = bound === undefined ? null : { value: bound.value, source: bound.source };
    if (value.key === 'image' && value.value === OWN_IMAGE && kernelImage !== OWN_IMAGE)
      return { ...value, value: kernelImage, source: `CARREL_KERNEL_IMAGE, for ${value.source}`, ceiling };
    return { ...value, ceiling };
  };
  return {
    site: sources.site.map((value) => ({ ...value, ceiling: null })),
    policies: policies.map(({ name, title, description }) => ({
      ...{ name, title, description },
      values: (sources.policies.get(name) ?? [])
        .filter(({ key }) => key !== 'title' && key !== 'description')
        .map(shown),
    })),
  };
}
