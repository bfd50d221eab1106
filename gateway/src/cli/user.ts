/** `carrel user …`: people, the links by which they set a password, and their tokens. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { commandAudit, issueToken, openPeople, type People, passwordLink, requireUser } from '../app/people.ts';
import { signInAddress } from '../app/places.ts';
import { LINK_DAYS } from '../auth/accounts.ts';
import { CarrelError } from '../base/errors.ts';
import { storedTokenId } from '../base/ids.ts';
import { readSettings } from '../config/settings.ts';
import type { TokenRecord } from '../store/tokens.ts';
import { ROLES, type Role } from '../store/users.ts';
import type { DeleteOptions } from './user-data.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);

interface TokenOptions {
  readonly days: number;
  readonly label: string;
  readonly revoke?: string;
}

interface LinkOptions {
  readonly days: number;
}

export function userCommand(): Command {
  const user = new Command('user').description('people and their tokens');
  user
    .command('add')
    .description('make a user')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what the user is').choices(ROLES).default('member'))
    .action((name: string, { role }: { role: Role }) => withPeople((people) => add(people, name, role)));
  user
    .command('invite')
    .description('make a user, and the link by which they set their password, once')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what the user is').choices(ROLES).default('member'))
    .option('--days <days>', 'how long the link is good', days, LINK_DAYS)
    .action((name: string, options: LinkOptions & { role: Role }) =>
      withPeople(async (people) => {
        const { id } = await people.store.users.add(name, options.role, Date.now());
        await commandAudit(people, {
          event: 'person.invited',
          subject: `person:${id}`,
          details: { role: options.role },
        });
        await link(people, name, options);
      }),
    );
  user
    .command('reset')
    .description('make the link by which a user sets a new password, once; the present one is good until then')
    .argument('<name>')
    .option('--days <days>', 'how long the link is good', days, LINK_DAYS)
    .action((name: string, options: LinkOptions) => withPeople((people) => link(people, name, options)));
  user
    .command('list')
    .description('show users and their tokens')
    .action(() => withPeople(list));
  user
    .command('token')
    .description('make a token and the address that signs in with it, or revoke one')
    .argument('[name]')
    .option('--days <days>', 'how long it is valid', days, 30)
    .option('--label <text>', 'what it is for', 'made by carrel user token')
    .option('--revoke <id>', 'end the token with this id, which `user list` shows')
    .action((name: string | undefined, options: TokenOptions) => withPeople((people) => token(people, name, options)));
  user
    .command('export')
    .description('write everything that is kept of a user into a tar archive: JSON, notebooks and files')
    .argument('<name>')
    .option('--output <file>', 'the archive, a file that is not there yet; NAME.tar without it')
    .action((name: string, options: { readonly output?: string }) =>
      withPeople(async (people) => (await import('./user-data.ts')).exportUser(people, name, options)),
    );
  user
    .command('delete')
    .description('remove a user and all that is theirs; says before what that is, and asks')
    .argument('<name>')
    .option('--give-to <name>', 'who gets the worksheets that others use; without it they are removed too')
    .option('--yes', 'do not ask')
    .action((name: string, options: DeleteOptions) =>
      withPeople(async (people) => (await import('./user-data.ts')).deleteUser(people, name, options)),
    );
  for (const [command, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const)
    user
      .command(command)
      .description(disabled ? 'refuse a user everything, keep what is theirs' : 'allow a disabled user in again')
      .argument('<name>')
      .action((name: string) => withPeople((people) => setDisabled(people, name, disabled)));
  return user;
}

async function withPeople(work: (people: People) => Promise<void>): Promise<void> {
  await using people = await openPeople(readSettings(process.env));
  await work(people);
}

async function add(people: People, name: string, role: Role): Promise<void> {
  const { id } = await people.store.users.add(name, role, Date.now());
  await commandAudit(people, { event: 'person.invited', subject: `person:${id}`, details: { role } });
  print(`user ${name} (${role}) made; \`user token ${name}\` makes an address to sign in with`);
}

async function link(people: People, name: string, options: LinkOptions): Promise<void> {
  const { address, endsAt } = await passwordLink(people, name, readSettings(process.env), options.days);
  print(`link by which ${name} sets a password, once, until ${date(endsAt)}:`);
  print(address);
}

async function list({ store }: People): Promise<void> {
  const users = await store.users.list();
  if (users.length === 0) print('there is no user yet; the first start makes "admin"');
  for (const user of users) {
    print(`${user.name}  ${user.role}${user.disabled ? '  disabled' : ''}`);
    const tokens = (await store.tokens.ofUser(user.id)).filter((each) => !each.revoked && each.expiresAt > Date.now());
    for (const each of tokens) print(`    ${describe(each)}`);
  }
}

async function token(people: People, name: string | undefined, options: TokenOptions): Promise<void> {
  if (options.revoke !== undefined) {
    if (!(await people.store.tokens.revoke(storedTokenId(options.revoke))))
      throw new CarrelError(
        'not_found',
        `there is no token ${JSON.stringify(options.revoke)}; \`user list\` shows all`,
      );
    await commandAudit(people, { event: 'token.revoked', subject: `token:${options.revoke}` });
    print(`token ${options.revoke} revoked; what is open with it closes within a second`);
    return;
  }
  if (name === undefined) throw new CarrelError('bad_request', 'expected the name of a user, or --revoke ID');
  const text = await issueToken(people, name, options.days, options.label);
  print(`token of ${name}, valid for ${options.days} days:`);
  print(text);
  print('address that signs one browser in, once:');
  print(signInAddress(readSettings(process.env), text));
}

async function setDisabled(people: People, name: string, disabled: boolean): Promise<void> {
  const user = await requireUser(people, name);
  await people.store.users.setDisabled(user.id, disabled);
  if (disabled) {
    await people.store.webSessions.removeOf(user.id);
    await people.store.invitations.withdraw(user.id);
  }
  const event = disabled ? 'person.disabled' : 'person.enabled';
  await commandAudit(people, { event, subject: `person:${user.id}` });
  print(disabled ? `user ${name} is disabled; open connections close within a second` : `user ${name} is enabled`);
}

const date = (ms: number) => new Date(ms).toISOString().slice(0, 10);

const describe = (record: TokenRecord): string =>
  `token ${record.id}  until ${date(record.expiresAt)}  last used ${record.lastUsedDay ?? 'never'}  ${record.label}`;

function days(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 3650) throw new InvalidArgumentError('Expected 1 to 3650 days.');
  return value;
}
