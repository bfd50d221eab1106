/** Two gateways share one installation: real Redis, PostgreSQL, warden and sandboxes. docs/spec/cluster.md */
import { once } from 'node:events';
import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { readDatabaseAddress } from '../../gateway/src/store/database-address.ts';
import { lockDatabase, TERM } from '../../gateway/src/store/database-lock.ts';
import { postgresDialects } from '../../gateway/src/store/postgres.ts';
import { openKernel, rest } from '../support/jupyter.ts';
import { asSuperuser, freshDatabase } from '../support/postgres.ts';
import { type Member, OWNS, TwoGateways, tokenIn } from '../support/two-gateways.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let both: TwoGateways;
/** Who owns the worksheets, and who passes on; the tests change it. */
let owner: Member;
let other: Member;
/** How often each became the owner. */
const turns = new Map<Member, number>();

beforeAll(async () => {
  both = await TwoGateways.start();
  [owner, other] = both.members;
  turns.set(owner, 1).set(other, 0);
});
afterAll(() => both?.[Symbol.asyncDispose]());

/** Waits until the other one owns the worksheets. */
async function handedOver(): Promise<void> {
  const times = (turns.get(other) ?? 0) + 1;
  await other.until('the other gateway owns', OWNS, times);
  turns.set(other, times);
  [owner, other] = [other, owner];
}

const cell = (id: string, source: string) => ({
  cell_type: 'code',
  id,
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
});
const notebook = (...cells: object[]) => ({ notebook: { nbformat: 4, nbformat_minor: 5, metadata: {}, cells } });

test('LC1 pages at two gateways are in one document, and what one runs the other sees', async () => {
  const { id } = await newWorksheet(other);
  using near = await Page.open(owner, id);
  using far = await Page.open(other, id);
  near.type('1 + 1');
  await far.until('the edit', () => far.cells[0]?.source === '1 + 1');
  await far.run('print(6 * 7)');
  await near.until('the output', () => near.output() === '42\n');
  await near.command({ do: 'stop' });
});

test('LC1 a Jupyter client at the gateway that owns nothing starts, finds, uses and ends kernels', async () => {
  await using kernel = await openKernel(other);
  expect((await kernel.run('print("x" * 100_000)')).text).toBe(`${'x'.repeat(100_000)}\n`);
  for (const gateway of [owner, other]) {
    const kernels = (await rest(gateway, 'GET', '/api/kernels')).json as { id: string }[];
    expect(kernels.map((each) => each.id)).toContain(kernel.id);
  }
  expect((await rest(other, 'DELETE', `/api/kernels/${kernel.id}`)).status).toBe(204);
  expect((await rest(owner, 'GET', `/api/kernels/${kernel.id}`)).status).toBe(404);
  expect((await rest(other, 'GET', '/api/kernels/no/such')).status).toBe(404);
});

test('LC6 what carries no proof of another gateway is refused at the inner port', async () => {
  const headers = { Authorization: `token ${owner.token}`, 'carrel-hop': `127.0.0.1 ${Date.now()} AAAA` };
  const answer = await fetch(`http://127.0.0.1:${owner.inner}/api/me`, { headers });
  expect([answer.status, await answer.json()]).toEqual([
    403,
    { message: 'only gateways of this installation are answered here', reason: 'Forbidden' },
  ]);
});

test('GU19 AC14 LC1 what is withdrawn at one gateway, or by a command, closes what is open at both', async () => {
  await both.command('user', 'add', 'bob');
  const bob = tokenIn(await both.command('user', 'token', 'bob')) ?? '';
  const { id } = await newWorksheet(owner);
  const at = (member: Member, token: string, worksheet = id) => Page.open({ url: member.url, token }, worksheet);
  const ended = async (pages: readonly Page[], code: number) => {
    for (const page of pages) {
      await page.until(`its end with ${code}`, () => page.closes.some((close) => close.code === code));
      page.close();
    }
  };

  /** A token, revoked at the gateway that passes on. */
  const { json: made } = await rest(owner, 'POST', '/api/account/tokens', { label: 'second', days: 1 });
  const byToken = [await at(owner, made.token), await at(other, made.token)];
  expect((await rest(other, 'DELETE', `/api/account/tokens/${made.id}`)).status).toBe(204);
  await ended(byToken, 1008);

  /** A share, taken back at the gateway that passes on. */
  expect((await rest(owner, 'PUT', `/api/worksheets/${id}/shares/bob`, { role: 'editor' })).status).toBeLessThan(300);
  const shared = [await at(owner, bob), await at(other, bob)];
  expect((await rest(other, 'DELETE', `/api/worksheets/${id}/shares/bob`)).status).toBe(204);
  await ended(shared, 4403);

  /** A browser's session, ended at the one by a page of the other. */
  const signed = await fetch(`${other.url}/signin`, {
    method: 'POST',
    headers: { Origin: other.url },
    body: new URLSearchParams({ token: bob }),
    redirect: 'manual',
  });
  const pairs = signed.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  const cookie = { Cookie: pairs.join('; ') };
  const sockets = [owner, other].map((member) => {
    const headers = { ...cookie, Origin: member.url };
    return new WebSocket(`${member.url.replace(/^http/, 'ws')}/api/worksheets/socket`, { headers });
  });
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const closed = sockets.map((socket) => once(socket, 'close'));
  const xsrf = pairs.find((pair) => pair.startsWith('_xsrf='))?.slice(6) ?? '';
  const headers = { ...cookie, 'X-XSRFToken': xsrf, Origin: other.url };
  expect((await fetch(`${other.url}/api/signout`, { method: 'POST', headers })).ok).toBe(true);
  expect((await Promise.all(closed)).map(([code]) => code)).toEqual([1008, 1008]);

  /** A person, disabled by a command that tells neither gateway. */
  const theirs = await newWorksheet({ url: other.url, token: bob });
  const pages = [await at(owner, bob, theirs.id), await at(other, bob, theirs.id)];
  await both.command('user', 'disable', 'bob');
  await ended(pages, 1008);
});

test('LC3 SIGKILL of either gateway under load: no acknowledged edit and no line is lost, and nothing runs twice', async () => {
  const printing = `import time
for n in range(100_000):
    open("count", "a").write("x")
    print("line", n, flush=True)
    time.sleep(0.02)`;
  const { id } = await newWorksheet(owner, notebook(cell('text', ''), cell('loop', printing)));
  {
    using page = await Page.open(other, id);
    await page.command({ do: 'run', cells: ['loop'] });
  }
  const linesOf = (page: Page) =>
    page
      .output(1)
      .split('\n')
      .filter((line) => line.startsWith('line '));
  for (let kill = 0; kill < 4; kill += 1) {
    const page = await Page.open(other, id);
    const before = linesOf(page).length;
    await page.until('more lines', () => linesOf(page).length > before + 5);
    let acknowledged = -1;
    for (let edit = 0; edit < 30; edit += 1) {
      page.type(`kill ${kill}, edit ${edit}`);
      if (edit % 3 === 0) {
        await page.saved();
        acknowledged = edit;
      }
    }
    const seen = linesOf(page).length;
    owner.signal('SIGKILL');
    /** So that it cannot bring its edits again. */
    page.close();
    await handedOver();
    using after = await Page.open(other, id);
    const [, killed, edit] = /^kill (\d+), edit (\d+)$/.exec(after.cells[0]?.source ?? '') ?? [];
    expect([Number(killed), Number(edit) >= acknowledged]).toEqual([kill, true]);
    const lines = linesOf(after);
    expect(lines.length).toBeGreaterThanOrEqual(seen);
    expect(lines).toEqual(lines.map((_, index) => `line ${index}`));
  }
  using page = await Page.open(other, id);
  await page.command({ do: 'interrupt' });
  await page.until('the end', () => page.status?.kernel === 'idle');
  const printed = linesOf(page).length;
  await page.run('print(len(open("count").read()))');
  await page.until('the count', () => /^\d+\n$/.test(page.output()));
  /** The last line may have been counted and not printed when the interrupt came. */
  expect(Number(page.output()) - printed).toBeLessThanOrEqual(1);
  await page.command({ do: 'stop' });
});

test('LC4 LC5 an owner that stands still is put out; when it goes on, it writes and runs nothing', async () => {
  const { id } = await newWorksheet(owner);
  using direct = await Page.open(owner, id);
  await direct.run('n = 1\nprint("first", n)');
  await direct.until('the output', () => direct.output() === 'first 1\n');
  const stopped = owner;
  stopped.signal('SIGSTOP');
  /** Reaches the socket of the process that sleeps, which would run it when it wakes. */
  direct.send({ do: 'run', cells: [direct.type('n += 100\nprint("asleep", n)')] });
  await handedOver();
  using page = await Page.open(owner, id);
  expect(page.output()).toBe('first 1\n');
  await page.run('n += 1\nprint("second", n)');
  await page.until('the output', () => page.output() === 'second 2\n');
  direct.close();
  const pid = stopped.pid;
  stopped.signal('SIGCONT');
  await stopped.until('the old owner learns of it', /another gateway has taken the database; this one ends/);
  await expect.poll(() => stopped.pid, { timeout: 30_000 }).not.toBe(pid);
  await page.run('n += 1\nprint("third", n)');
  await page.until('the output', () => page.output() === 'third 3\n');
  using far = await Page.open(other, id);
  expect(far.output()).toBe('third 3\n');
  await page.command({ do: 'stop' });
});

test('LC10 while a gateway ends in order, the other keeps what comes and passes it on to the next owner', async () => {
  const { id } = await newWorksheet(owner);
  let over = false;
  owner.signal('SIGTERM');
  const handing = handedOver().finally(() => {
    over = true;
  });
  const asked = other;
  const seen = new Set<number>();
  while (!over) seen.add((await rest(asked, 'GET', `/api/worksheets/${id}`)).status);
  await handing;
  seen.add((await rest(asked, 'GET', `/api/worksheets/${id}`)).status);
  expect([...seen]).toEqual([200]);
});

test('LC2 LC4 each term has a higher number; only who is silent and was not just taken is put out, and then writes nothing', async () => {
  const address = readDatabaseAddress(await freshDatabase());
  const lost = vi.fn();
  const silent = () => false;
  await using first = await lockDatabase(address, { onLost: lost, silent });
  const patience = 500;
  const refused = await lockDatabase(address, { onLost: lost, patience, silent: () => true }).catch(String);
  expect(refused).toMatch(/another Carrel is running/);
  const { narrow } = await postgresDialects(address, { name: TERM, check: first.check.bind(first) });
  const before = new Kysely<never>({ dialect: narrow });
  await sql`create table notes (text text)`.execute(before);
  await using second = await lockDatabase(address, { onLost: lost, patience: 20_000, silent: () => true });
  expect(second.number).toBeGreaterThan(first.number ?? Number.POSITIVE_INFINITY);
  await expect(sql`insert into notes values ('late')`.execute(before)).rejects.toThrow();
  await expect.poll(() => lost.mock.calls.length, { timeout: 10_000 }).toBe(1);
  await expect(sql`insert into notes values ('late')`.execute(before)).rejects.toThrow('the lock on it was lost');
  const { rows } = await asSuperuser('select * from notes', address.url);
  expect(rows).toEqual([]);
  await before.destroy();
});

test('LC8 Redis that goes, forgets everything and comes back moves nothing and loses nothing', async () => {
  const { id } = await newWorksheet(owner);
  using far = await Page.open(other, id);
  await far.run('print("before")');
  await far.until('the output', () => far.output() === 'before\n');
  far.closes.splice(0);
  await both.redis.restart({ timeout: 1000 });
  await far.run('print("after")');
  await far.until('the output', () => far.output() === 'after\n');
  await owner.until('Redis is back for the owner', /Redis answers again/);
  await other.until('and for the other', /Redis answers again/);
  expect((await rest(other, 'GET', '/api/me')).status).toBe(200);
  expect(far.closes).toEqual([]);
  await far.command({ do: 'stop' });
});

test('LC7 what one person may ask is counted over all gateways', async () => {
  await using few = await TwoGateways.start({ CARREL_REQUESTS_PER_PERSON: '60' });
  const [one, two] = few.members;
  const ask = async (times: number) => {
    const seen: number[] = [];
    for (let index = 0; index < times; index += 1) seen.push((await rest(two, 'GET', '/api/me')).status);
    return seen;
  };
  expect(await ask(40)).toEqual(Array(40).fill(200));
  one.signal('SIGKILL');
  await two.until('the second owns', OWNS);
  const after = await ask(30);
  expect([after[0], after.at(-1)]).toEqual([200, 429]);
});
