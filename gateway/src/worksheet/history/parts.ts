/**
 * Cuts outputs for versions: large values are named by a hash of their JSON, so that equal pictures and texts are kept once for
 * all versions of a worksheet, however often their cell was run. Pure.
 */
import { createHash } from 'node:crypto';
import type { Json, Output } from '../../wire/notebook.ts';
import { exactJson } from '../../wire/notebook-json.ts';
import { isObject, without } from '../../wire/notebook-values.ts';
import { LONGEST_OUTPUT_TEXT, type VersionOutput } from '../../wire/version-rest.ts';

/** Characters of JSON; what is shorter stands in the version itself. */
export const LARGE = 1024;

export type Path = readonly (string | number)[];

/** A large value that was taken out, and the place where null stands for it. */
export interface Piece {
  readonly at: Path;
  readonly hash: string;
  readonly json: string;
}

/** An output without its large values. */
export interface OutputParts {
  readonly rest: Json;
  readonly pieces: readonly Piece[];
  readonly shown: VersionOutput;
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Takes the value out where it is large. */
export function cut(value: unknown, at: Path, pieces: Piece[]): unknown {
  const json = exactJson(value);
  if (json.length < LARGE) return value;
  pieces.push({ at, hash: hashOf(json), json });
  return null;
}

export function outputParts(output: Output): OutputParts {
  const pieces: Piece[] = [];
  const cutAll = (object: Json, at: Path) =>
    Object.fromEntries(
      Object.entries(object)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, cut(value, [...at, key], pieces)]),
    );
  const bundle = 'data' in output && isObject(output['data']) ? { data: cutAll(output['data'], ['data']) } : {};
  const rest: Json = { ...cutAll(without(output, ['data']), []), ...bundle };
  const same = exactJson([without(rest, ['execution_count']), pieces.map(({ at, hash }) => [at, hash])]);
  return { rest, pieces, shown: { digest: hashOf(same).slice(0, 32), ...shownOf(output) } };
}

/** What ANSI colours and cursor moves are made of. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[^[])/g;

function shownOf(output: Output): Omit<VersionOutput, 'digest'> {
  const { text, types } = raw(output);
  const plain = text?.slice(0, 4 * LONGEST_OUTPUT_TEXT).replace(ESCAPES, '');
  const short =
    plain !== undefined &&
    text !== undefined &&
    text.length < 4 * LONGEST_OUTPUT_TEXT &&
    plain.length <= LONGEST_OUTPUT_TEXT;
  return short ? { text: plain, types } : { types };
}

function raw(output: Output): { text?: string; types: readonly string[] } {
  switch (output.output_type) {
    case 'stream':
      return { text: output.text, types: [output.name] };
    case 'error':
      return { text: `${output.ename}: ${output.evalue}`, types: ['error'] };
    default: {
      const types = Object.keys(output.data).sort();
      const text = output.data['text/plain'];
      return typeof text === 'string' ? { text, types } : { types };
    }
  }
}
