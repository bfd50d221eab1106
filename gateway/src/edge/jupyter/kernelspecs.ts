/**
 * What a client's launcher shows: one kernelspec for every kernel of every policy that the person may use. The kernels of the
 * default policy keep their own names (`python3`), those of others carry the policy's (`python3-large`). Likewise the names that
 * people see: "Python 3" and "Python 3 (ipykernel)", of a policy "Python 3 (large)" and "Python 3 (ipykernel, large)".
 */

import { type Allow, mayUsePolicy } from '../../auth/permissions.ts';
import type { Person } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import type { PolicyName } from '../../base/ids.ts';
import type { KernelspecEntry, KernelspecFile, KernelspecFiles } from './kernelspec-files.ts';

/** The part of a policy that launchers need. */
export interface OfferedPolicy {
  readonly name: PolicyName;
  readonly title: string;
  readonly description: string;
  /** Started where a client names no kernel. */
  readonly kernel: string;
  readonly kernels: readonly string[];
  /** Bytes. */
  readonly memory: number;
  readonly cpus: number;
  readonly allow: Allow;
  /** What of the work itself the audit log holds. */
  readonly audit?: { readonly code: boolean } | undefined;
  /** Milliseconds: what RL37 does after them. */
  readonly idle?: number;
  readonly life?: number;
  readonly cell?: number;
  /** Bytes of output that are kept of one cell. */
  readonly output?: { readonly perCell: number };
}

export interface KernelspecModel {
  readonly name: string;
  readonly spec: Record<string, unknown>;
  readonly resources: Record<string, string>;
}

/** What a kernelspec's name stands for. */
export interface KernelChoice {
  readonly name: string;
  readonly policy: PolicyName;
  readonly kernel: string;
}

interface Entry extends KernelChoice {
  readonly offered: OfferedPolicy;
  readonly files: KernelspecEntry;
}

export class Kernelspecs {
  readonly #files: KernelspecFiles;
  readonly #policies: readonly OfferedPolicy[];
  readonly #default: string;

  /** `defaultPolicy` is the site's; `policies` are those that were loaded. */
  constructor(files: KernelspecFiles, policies: readonly OfferedPolicy[], defaultPolicy: string) {
    this.#files = files;
    this.#default = defaultPolicy;
    const rank = (policy: OfferedPolicy) => (policy.name === defaultPolicy ? 0 : 1);
    this.#policies = [...policies].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  }

  /** `GET /api/kernelspecs`; `base` is the path that all routes have in front. */
  list(person: Person, base: string): { default: string; kernelspecs: Record<string, KernelspecModel> } {
    const entries = this.#entries(person);
    const kernelspecs = Object.fromEntries(entries.map((entry) => [entry.name, this.#model(entry, base)]));
    return { default: this.#defaultOf(entries)?.name ?? '', kernelspecs };
  }

  get(person: Person, name: string, base: string): KernelspecModel {
    return this.#model(this.#find(person, name), base);
  }

  /** What to start for a name; without one the default. A policy that the person may not use is as unknown as one that is not there. */
  resolve(person: Person, name: string | undefined): KernelChoice {
    if (name !== undefined) return this.#find(person, name);
    const found = this.#defaultOf(this.#entries(person));
    if (found === undefined) throw new CarrelError('forbidden', `no policy lets ${person.name} start a kernel`);
    return found;
  }

  /** Milliseconds; undefined where the policy does not say. */
  longestCell(policy: PolicyName): number | undefined {
    return this.#policies.find(({ name }) => name === policy)?.cell;
  }

  resource(person: Person, name: string, file: string): KernelspecFile {
    const found = this.#find(person, name).files.resources.get(file);
    if (found === undefined)
      throw new CarrelError('not_found', `kernelspec ${name} has no file ${JSON.stringify(file)}`);
    return found;
  }

  #find(person: Person, name: string): Entry {
    const entries = this.#entries(person);
    const found = entries.find((entry) => entry.name === name) ?? entries.find((entry) => longName(entry) === name);
    if (found !== undefined) return found;
    const names = entries.map((entry) => entry.name).join(', ');
    throw new CarrelError('not_found', `No such kernelspec: ${JSON.stringify(name)}; there are ${names || 'none'}`);
  }

  #entries(person: Person): Entry[] {
    return this.#policies
      .filter((policy) => mayUsePolicy(person, policy.allow))
      .flatMap((offered) =>
        offered.kernels.flatMap((kernel) => {
          const files = this.#files.get(kernel);
          if (files === undefined) return [];
          const choice = { policy: offered.name, kernel };
          const name = offered.name === this.#default ? kernel : longName(choice);
          return [{ ...choice, name, offered, files }];
        }),
      );
  }

  #defaultOf(entries: readonly Entry[]): Entry | undefined {
    return entries.find((entry) => entry.kernel === entry.offered.kernel) ?? entries[0];
  }

  #model(entry: Entry, base: string): KernelspecModel {
    const { name, offered, files } = entry;
    const { spec } = files;
    const carrel = {
      policy: offered.name,
      description: offered.description,
      memory: offered.memory,
      cpus: offered.cpus,
      ...limitsOf(offered),
    };
    return {
      name,
      spec: { ...spec, display_name: this.#displayName(entry), metadata: { ...spec.metadata, carrel } },
      resources: Object.fromEntries(
        [...files.resources.keys()].map((file) => [key(file), `${base}/kernelspecs/${name}/${file}`]),
      ),
    };
  }

  #displayName({ offered, files }: Entry): string {
    const { display_name: own } = files.spec;
    if (offered.name === this.#default) return own;
    const [, plain, variant] = /^(.*?)\s*(?:\(([^()]*)\))?\s*$/s.exec(own) ?? [];
    return `${plain} (${variant === undefined ? '' : `${variant}, `}${offered.title})`;
  }
}

/** In milliseconds, for pages. */
const limitsOf = ({ idle, life, cell }: OfferedPolicy) => ({
  ...(idle === undefined ? {} : { idle }),
  ...(life === undefined ? {} : { life }),
  ...(cell === undefined ? {} : { cell }),
});

const longName = (choice: Pick<Entry, 'kernel' | 'policy'>): string => `${choice.kernel}-${choice.policy}`;

/** Clients know logos by their name without the ending, scripts and styles by the whole name. */
const key = (file: string): string => (file.startsWith('logo-') ? file.replace(/\.\w+$/, '') : file);
