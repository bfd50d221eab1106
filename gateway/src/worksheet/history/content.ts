/** A version as it is kept: the notebook's JSON without its large values, compressed, and those values by their hashes. */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Cell, Json, Notebook } from '../../wire/notebook.ts';
import { exactJson, parseExactJson } from '../../wire/notebook-json.ts';
import { isObject, without } from '../../wire/notebook-values.ts';
import type { VersionCells } from '../../wire/version-rest.ts';
import { cut, hashOf, type OutputParts, outputParts, type Path, type Piece } from './parts.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** A notebook whose outputs stand beside it: `outputs[i]` are those of cell i. */
export interface Taken {
  readonly notebook: Notebook;
  readonly outputs: readonly (readonly OutputParts[])[];
}

export interface Encoded {
  readonly content: Uint8Array;
  /** JSON of large values by hash. */
  readonly pieces: ReadonlyMap<string, string>;
  /** Equal where cells and texts are, whatever was run. */
  readonly sources: string;
  /** Equal where everything is. */
  readonly whole: string;
}

interface Stored {
  readonly notebook: Json;
  readonly blobs: readonly (readonly [Path, string])[];
}

/** What the kernel and its runs write into metadata is no edit. */
const OF_RUNS = ['execution', 'widgets', 'kernelspec', 'language_info'];

export function takeNotebook(notebook: Notebook): Taken {
  const cells = notebook.cells.map((cell) => (cell.cell_type === 'code' ? { ...cell, outputs: [] } : cell));
  const outputs = notebook.cells.map((cell) => (cell.cell_type === 'code' ? cell.outputs.map(outputParts) : []));
  return { notebook: { ...notebook, cells }, outputs };
}

export async function encode({ notebook, outputs }: Taken): Promise<Encoded> {
  const pieces: Piece[] = [];
  const metadata = Object.fromEntries(
    Object.entries(notebook.metadata).map(([key, value]) => [key, cut(value, ['metadata', key], pieces)]),
  );
  const cells = notebook.cells.map((cell, index) => {
    const at: Path = ['cells', index];
    if (cell.cell_type !== 'code') {
      const { attachments } = cell;
      return attachments === undefined
        ? cell
        : { ...cell, attachments: cut(attachments, [...at, 'attachments'], pieces) };
    }
    const rests = (outputs[index] ?? []).map(({ rest, pieces: inner }, place) => {
      pieces.push(...inner.map((piece) => ({ ...piece, at: [...at, 'outputs', place, ...piece.at] })));
      return rest;
    });
    return { ...cell, outputs: rests };
  });
  const stored: Stored = {
    notebook: { ...notebook, metadata, cells },
    blobs: pieces.map(({ at, hash }) => [at, hash]),
  };
  const json = exactJson(stored);
  return {
    content: await compress(json),
    pieces: new Map(pieces.map(({ hash, json: value }) => [hash, value])),
    sources: sourcesOf(notebook),
    whole: hashOf(json),
  };
}

export const packed = (json: string): Promise<Uint8Array> => compress(json);

/** `blobs`: what the content refers to, as it is stored. */
export async function decode(
  content: Uint8Array,
  blobs: readonly { readonly hash: string; readonly data: Uint8Array }[],
): Promise<Notebook> {
  const { notebook, blobs: places } = await readStored(content);
  const values = new Map<string, unknown>();
  for (const { hash, data } of blobs) values.set(hash, parseExactJson((await decompress(data)).toString()));
  for (const [at, hash] of places) put(notebook, at, values.get(hash));
  return notebook as unknown as Notebook;
}

export function cellsOfTaken({ notebook, outputs }: Taken): VersionCells {
  const cells = notebook.cells.map((cell, index) => ({
    id: cell.id,
    kind: cell.cell_type,
    source: cell.source,
    ...(cell.cell_type !== 'code' && cell.attachments !== undefined && { attachments: digest(cell.attachments) }),
    outputs: (outputs[index] ?? []).map(({ shown }) => shown),
  }));
  return { cells };
}

const digest = (value: unknown): string => hashOf(JSON.stringify(value)).slice(0, 32);

async function readStored(content: Uint8Array): Promise<Stored> {
  return parseExactJson((await decompress(content)).toString()) as Stored;
}

function sourcesOf({ cells, metadata }: Notebook): string {
  const about = ({ id, cell_type, source, metadata: own, ...more }: Cell) => [
    id,
    cell_type,
    source,
    sorted(without(own, OF_RUNS)),
    (more['attachments'] ?? null) as Json | null,
  ];
  return hashOf(JSON.stringify([sorted(without(metadata, OF_RUNS)), cells.map(about)]));
}

/** Shared maps are read in an order of their own. */
const sorted = (object: Json): readonly (readonly [string, unknown])[] =>
  Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));

function put(root: unknown, at: Path, value: unknown): void {
  let place = root as Record<string | number, unknown>;
  for (const step of at.slice(0, -1)) {
    const next = place[step];
    if (!isObject(next) && !Array.isArray(next)) return;
    place = next as Record<string | number, unknown>;
  }
  const last = at.at(-1);
  if (last !== undefined) place[last] = value;
}
