/** `carrel user export` and `carrel user delete`: what is kept of a person, written out and removed. Gateways may run meanwhile. */
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandAudit, type People, requireUser } from '../app/people.ts';
import { CarrelError } from '../base/errors.ts';
import { readSettings } from '../config/settings.ts';
import { deletePerson, removalOf } from '../privacy/delete-person.ts';
import { exportPerson } from '../privacy/export-person.ts';
import type { User } from '../store/users.ts';
import type { RemovalModel } from '../wire/privacy-rest.ts';

export interface DeleteOptions {
  readonly giveTo?: string;
  readonly yes?: true;
}

/** A gateway closes what is open by a sign-in that has ended within a second. Milliseconds. */
const SOCKETS_CLOSE = 2500;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const filesFolder = () => join(readSettings(process.env).dataFolder, 'files');

export async function exportUser(
  people: People,
  name: string,
  { output }: { readonly output?: string },
): Promise<void> {
  const { store } = people;
  const user = await requireUser(people, name);
  const file = resolve(output ?? `${name}.tar`);
  if (existsSync(file))
    throw new CarrelError('conflict', `there is a file ${file} already; name another one (--output)`);
  const draft = `${file}.part`;
  try {
    const archive = exportPerson({ store, folder: filesFolder(), now: Date.now() }, user);
    await pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  await commandAudit(people, { event: 'person.exported', subject: `person:${user.id}` });
  print(`everything that is kept of ${name} is in ${file}`);
}

export async function deleteUser(people: People, name: string, { giveTo, yes }: DeleteOptions): Promise<void> {
  const { store } = people;
  const user = await requireUser(people, name);
  const heir = giveTo === undefined ? undefined : await requireUser(people, giveTo);
  const removal = await removalOf(store, user);
  for (const line of said(removal, heir)) print(line);
  if (removal.kernels > 0)
    throw new CarrelError(
      'conflict',
      `${name} has ${removal.kernels} running kernels, which a command cannot end: stop them on the page /admin, or delete ${name} there`,
    );
  if (yes !== true && !(await agreed(name))) {
    print(`"${name}" was not typed: nothing was changed (--yes deletes without asking)`);
    return;
  }
  await deletePerson({ store, folder: filesFolder(), end: async () => {}, endOthers: waitForSockets }, user, heir);
  await commandAudit(people, { event: 'person.deleted', subject: `person:${user.id}` });
  print(`${name} is deleted; the audit log knows them as ${user.id.slice(0, 8)} from now on`);
}

/** Whoever is signed in is disabled by now; a gateway that runs stores what they typed last and lets their worksheets go. */
const waitForSockets = (): Promise<void> => sleep(SOCKETS_CLOSE);

function said({ name, worksheets, shared, leaves }: RemovalModel, heir: User | undefined): string[] {
  const lines = [
    `deleting ${name} removes their account, tokens, browsers and ${worksheets} worksheets with files and history`,
  ];
  for (const { title, people } of shared) {
    const what = heir === undefined ? 'they lose it' : `it becomes ${heir.name}'s`;
    lines.push(`  "${title}" is used by ${people} others: ${what}`);
  }
  if (shared.length > 0 && heir === undefined) lines.push('  --give-to NAME gives what others use to somebody instead');
  if (leaves > 0)
    lines.push(`${leaves} worksheets of others, which ${name} works in, stay; ${name}'s name leaves their history`);
  lines.push('the audit log keeps its lines, with an id in the place of the name and without addresses');
  return lines;
}

/** The name has to be typed, or be the first line of standard input. */
async function agreed(name: string): Promise<boolean> {
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const ended = once(ask, 'close').then(() => undefined);
    const typed = await Promise.race([ask.question(`Type the name to delete ${name}: `), ended]);
    if (typed === undefined) print('');
    return typed?.trim() === name;
  } finally {
    ask.close();
  }
}
