/** Everything that is kept of a person, as one tar archive: JSON, notebooks and files (docs/admin/privacy.md says what is in it). */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tarHeader } from '../release/tar.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import type { StoredWorksheet } from '../store/worksheets.ts';
import { auditLineModel } from '../telemetry/audit-lines.ts';
import { storedNotebook, versionNotebook } from '../worksheet/history/stored-notebooks.ts';

const BLOCK = 512;
const MODE = 0o600;
/** Bytes of a name in the archive. */
const LONGEST_NAME = 100;

export interface PersonSource {
  readonly store: Store;
  /** Of the contents of files. */
  readonly folder: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The archive, piece by piece; nothing of it is held but the notebook that is being written. */
export async function* exportPerson(source: PersonSource, user: User): AsyncGenerator<Buffer> {
  const { store } = source;
  const entry = (name: string, content: string) => entryOf(name, Buffer.from(content), source.now);
  yield* entry('person.json', json(await personFacts(store, user)));
  yield* entry('shared-with-me.json', json(await sharedFacts(store, user)));
  yield* entry('audit.jsonl', await auditOf(store, user));
  const worksheets = [
    ...(await store.worksheets.list(user.id, { trashed: false })),
    ...(await store.worksheets.list(user.id, { trashed: true })),
  ];
  for (const worksheet of worksheets) yield* worksheetEntries(source, worksheet);
  yield Buffer.alloc(2 * BLOCK);
}

async function* worksheetEntries(source: PersonSource, worksheet: StoredWorksheet): AsyncGenerator<Buffer> {
  const { store, folder, now } = source;
  const { id } = worksheet;
  const place = `worksheets/${id}`;
  const files = (await store.files.list(id)).map((file, index) => {
    const named = `${place}/files/${file.path}`;
    return { file, name: Buffer.byteLength(named) <= LONGEST_NAME ? named : `${place}/long-names/${index + 1}` };
  });
  const versions = await store.versions.list(id);
  const facts = {
    title: worksheet.title,
    kernel: worksheet.kernelspec,
    created_at: iso(worksheet.createdAt),
    changed_at: iso(worksheet.changedAt),
    trashed_at: worksheet.trashedAt === null ? null : iso(worksheet.trashedAt),
    shared_with: (await store.shares.ofWorksheet(id)).map(({ name, role, link }) => ({ name, role, by_link: !!link })),
    links: (await store.shares.links(id)).map(({ role, createdAt }) => ({ role, created_at: iso(createdAt) })),
    versions: versions.map((each) => ({ id: each.id, at: iso(each.at), kind: each.kind, name: each.name })),
    files: files.map(({ file, name }) => ({ path: file.path, size: file.size, sha256: file.sha256, in_archive: name })),
  };
  yield* entryOf(`${place}/worksheet.json`, Buffer.from(json(facts)), now);
  yield* entryOf(`${place}/notebook.ipynb`, Buffer.from(await storedNotebook(store, id)), now);
  for (const version of versions) {
    const notebook = await versionNotebook(store, id, version.id);
    if (notebook !== undefined) yield* entryOf(`${place}/v/${version.id}.ipynb`, Buffer.from(notebook), now);
  }
  for (const { file, name } of files) yield* contentEntry(join(folder, file.blob), name, now);
}

/** A content that is gone meanwhile, because its file was replaced, is left out; `worksheet.json` names it. */
async function* contentEntry(path: string, name: string, now: number): AsyncGenerator<Buffer> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  yield tarHeader({ name, size: found.size, mode: MODE }, Math.floor(now / 1000));
  for await (const piece of createReadStream(path)) yield piece as Buffer;
  yield padding(found.size);
}

function* entryOf(name: string, content: Buffer, now: number): Generator<Buffer> {
  yield tarHeader({ name, size: content.length, mode: MODE }, Math.floor(now / 1000));
  yield content;
  yield padding(content.length);
}

async function personFacts(store: Store, user: User) {
  const sessions = await store.webSessions.ofUser(user.id);
  const tokens = await store.tokens.ofUser(user.id);
  const kernels = (await store.kernels.all()).filter(({ owner }) => owner === user.id);
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    disabled: user.disabled,
    created_at: iso(user.createdAt),
    signed_in_at: user.signedInAt === undefined ? null : iso(user.signedInAt),
    has_password: (await store.passwords.of(user.id)) !== undefined,
    browsers: sessions.map(({ createdAt, seenAt, endsAt, userAgent, address }) => ({
      signed_in_at: iso(createdAt),
      seen_at: iso(seenAt),
      ends_at: iso(endsAt),
      browser: userAgent,
      address,
    })),
    tokens: tokens.map(({ id, label, createdAt, expiresAt, revoked, lastUsedDay }) => ({
      ...{ id, label, revoked, last_used: lastUsedDay ?? null },
      created_at: iso(createdAt),
      ends_at: iso(expiresAt),
    })),
    jupyter_sessions: (await store.jupyterSessions.ofUser(user.id)).map(({ path, name, type, createdAt }) => ({
      ...{ path, name, type },
      created_at: iso(createdAt),
    })),
    kernels: kernels.map(({ id, policy, name, createdAt }) => ({ id, policy, name, created_at: iso(createdAt) })),
  };
}

const sharedFacts = async (store: Store, user: User) =>
  (await store.shares.sharedWith(user.id)).map(({ worksheet, role, owner }) => ({
    ...{ id: worksheet.id, title: worksheet.title, role, owner },
  }));

/** Lines of what the person did, and of what was done to them. */
async function auditOf(store: Store, user: User): Promise<string> {
  const names = new Map<string, string>([[user.id, user.name]]);
  let text = '';
  for await (const line of store.audit.all())
    if (line.actor === user.id || line.subject === `person:${user.id}`)
      text += `${JSON.stringify(auditLineModel(line, names))}\n`;
  return text;
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
const iso = (ms: number): string => new Date(ms).toISOString();
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
