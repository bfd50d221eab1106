/** What is wrong in a file that a person wrote: where, what was expected, what was found. Printed one a line. */
import type { z } from 'zod';

export interface Problem {
  /** Path of the file as the person named it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** For instance `output.perCell`; empty for the whole file. */
  readonly key: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** Completes "got …". */
  readonly found: string;
}

export type KeyPath = readonly PropertyKey[];

/** `policies/exam.yaml:12: output.perCell: expected a size such as "512 MiB", got "lots"` */
export function formatProblem(problem: Problem): string {
  const key = problem.key === '' ? '' : `${problem.key}: `;
  return `${problem.file}:${problem.line}: ${key}expected ${problem.expected}, got ${problem.found}`;
}

export const formatKey = (path: KeyPath): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

/** A value as it is shown behind "got". */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export interface Finding {
  readonly path: KeyPath;
  readonly expected: string;
  readonly found: string;
}

/** The findings of a failed parse of `input`; an object's unknown keys are one finding each. */
export function findings(error: z.ZodError, input: unknown): Finding[] {
  return error.issues.flatMap((issue): Finding[] => {
    const value = valueAt(input, issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        expected: 'no key of this name',
        found: show(valueAt(input, [...issue.path, key])),
      }));
    }
    return [{ path: issue.path, expected: expectation(issue, value), found: show(value) }];
  });
}

function expectation(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? typeName(issue.expected) : issue.message;
    case 'too_small':
      return `${sizeName(issue.origin, value)} at least ${issue.minimum}`;
    case 'too_big':
      return `${sizeName(issue.origin, value)} at most ${issue.maximum}`;
    case 'invalid_value':
      return `one of ${issue.values.map(show).join(', ')}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    object: 'keys with values',
    record: 'names with values',
    array: 'a list',
  };
  return names[expected] ?? expected;
}

function sizeName(origin: string, value: unknown): string {
  if (typeof value === 'string') return 'a text with a length of';
  return origin === 'array' ? 'a list with a length of' : 'a number of';
}

function valueAt(input: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<PropertyKey, unknown>)[part];
  }, input);
}
