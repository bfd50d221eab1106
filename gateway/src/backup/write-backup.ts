/** `carrel backup FILE`: the whole installation as it is at one moment, while people go on working. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSnapshot, type Snapshot } from '../store/snapshot.ts';
import { ArchiveWriter } from './archive-writer.ts';
import {
  type BackupContents,
  type BackupManifest,
  CONTENTS,
  FILES,
  type Flawed,
  KEYS,
  MANIFEST,
  MANIFEST_SUM,
  numbered,
  PIECE,
  POLICIES,
  TABLES,
} from './format.ts';
import { LinkedFiles, note } from './linked-files.ts';
import { policyFiles } from './policies.ts';
import type { Progress } from './progress.ts';
import { toLine } from './row-lines.ts';
import { sealKeys } from './sealed-keys.ts';
import type { Sink } from './sink.ts';

export interface BackupParts {
  readonly dataFolder: string;
  readonly database?: string | undefined;
  readonly policyFolder: string;
  readonly program: string;
  readonly now: Date;
  /** Undefined: the keys are left out. */
  readonly passphrase?: string | undefined;
  readonly progress: Progress;
}

export interface WrittenBackup {
  readonly contents: BackupContents;
  readonly manifest: BackupManifest;
  /** Of all of it. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Memory does not grow with the installation. Throws `conflict` while another backup is made, and what opening the database throws. */
export async function writeBackup(sink: Sink, parts: BackupParts): Promise<WrittenBackup> {
  await using files = await LinkedFiles.in(parts.dataFolder);
  await using snapshot = await files.hold(() => openSnapshot(parts.dataFolder, parts.database));
  const keys = parts.passphrase === undefined ? undefined : await readKeys(parts.dataFolder);
  const contents: BackupContents = {
    format: 1,
    program: parts.program,
    made: parts.now.toISOString(),
    database: snapshot.kind,
    steps: [...snapshot.steps],
    tables: snapshot.tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
    keys: keys === undefined ? 'none' : 'encrypted',
  };
  const archive = new ArchiveWriter(sink, Math.floor(parts.now.getTime() / 1000));
  await archive.add(CONTENTS, json(contents));
  const rows = await writeTables(archive, snapshot, parts.progress);
  /** What follows is held by links. */
  await snapshot[Symbol.asyncDispose]();
  const damaged = await writeFiles(archive, files, parts.progress);
  const policies = await policyFiles(parts.policyFolder);
  for (const { path, content } of policies) await archive.add(`${POLICIES}${path}`, content);
  if (keys !== undefined) await archive.add(KEYS, await sealKeys(keys, parts.passphrase ?? ''));
  await archive.list();
  const manifest: BackupManifest = {
    format: 1,
    entries: archive.entries,
    rows,
    files: { count: files.count, bytes: files.bytes, missing: files.missing, damaged },
    policies: policies.length,
    sums: archive.sums,
  };
  const sum = await archive.plain(MANIFEST, json(manifest));
  await archive.plain(MANIFEST_SUM, Buffer.from(`${sum}  ${MANIFEST}\n`));
  await archive.end();
  return { contents, manifest, ...(await sink.finish()) };
}

const json = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);

/** Undefined before the first start has made them. */
function readKeys(dataFolder: string): Promise<string | undefined> {
  return readFile(join(dataFolder, 'secrets.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
}

async function writeTables(archive: ArchiveWriter, snapshot: Snapshot, progress: Progress) {
  const rows: Record<string, number> = {};
  for (const table of snapshot.tables) {
    let [count, part, length]: [number, number, number] = [0, 0, 0];
    let lines: string[] = [];
    const flush = async () => {
      part += 1;
      await archive.packed(numbered(`${TABLES}${table.name}/`, part, '.jsonl.zst'), Buffer.from(lines.join('')));
      [lines, length] = [[], 0];
    };
    for await (const row of snapshot.rows(table)) {
      const line = toLine(row);
      if (lines.length > 0 && length + line.length > PIECE) await flush();
      lines.push(line);
      length += line.length;
      count += 1;
      progress.rows(1);
    }
    if (lines.length > 0) await flush();
    rows[table.name] = count;
  }
  return rows;
}

async function writeFiles(archive: ArchiveWriter, files: LinkedFiles, progress: Progress): Promise<Flawed> {
  const damaged: Flawed = { count: 0, first: [] };
  progress.expect(files.count);
  for await (const content of files.contents()) {
    const pieces = files.read(content);
    let part = 0;
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) {
        if (!value) note(damaged, content.blob);
        break;
      }
      /** An empty content has one piece, which is empty; the last of others may not be. */
      if (value.length === 0 && part > 0) continue;
      part += 1;
      await archive.packed(numbered(`${FILES}${content.blob}/`, part, '.zst'), value);
      progress.bytes(value.length);
    }
    progress.file();
  }
  return damaged;
}
