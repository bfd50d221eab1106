/** Where each value of the policies stands, for administrators: the text of the files as it was when they were loaded. */
import { join } from 'node:path';
import type { KeyPath } from './problems.ts';
import { formatKey } from './problems.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

export interface SourcedValue {
  /** For instance `output.perCell`. */
  readonly key: string;
  /** As it is written. */
  readonly value: string;
  /** `standard.yaml:10`, without the folder. */
  readonly source: string;
}

export interface PolicySources {
  readonly site: readonly SourcedValue[];
  /** By the policy's name. */
  readonly policies: ReadonlyMap<string, readonly SourcedValue[]>;
}

/** Of a folder that `loadPolicies` has accepted. */
export function policySources(folder: string, names: Iterable<string>): PolicySources {
  const of = (name: string) => valuesOf(readYaml(join(folder, name), name), name);
  return {
    site: of('site.yaml'),
    policies: new Map([...names].map((name) => [name, of(`${name}.yaml`)] as const)),
  };
}

function valuesOf(file: YamlFile, name: string): SourcedValue[] {
  const found: SourcedValue[] = [];
  const walk = (value: unknown, path: KeyPath): void => {
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
    for (const [key, each] of inner) walk(each, [...path, key]);
    if (inner.length > 0 || path.length === 0) return;
    found.push({ key: formatKey(path), value: textOf(value), source: `${name}:${file.line(path)}` });
  };
  walk(file.value, []);
  return found;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(textOf).join(', ');
  if (typeof value === 'object' && value !== null) return '–';
  return String(value);
}
