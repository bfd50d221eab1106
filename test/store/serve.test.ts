/** The whole program on PostgreSQL: how it starts, what it says, what happens when the database goes away. docs/spec/store.md */
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { addressOf, asSuperuser, freshDatabase } from '../support/postgres.ts';
import { runToEnd } from '../support/run.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

/** Stands between a Carrel and its database, and can be taken away. */
class Way implements AsyncDisposable {
  readonly address: string;
  readonly #to: URL;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(address: string, port: number) {
    this.#to = new URL(address);
    this.#port = port;
    this.address = Object.assign(new URL(address), { hostname: '127.0.0.1', port: String(port) }).href;
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(Number(this.#to.port), this.#to.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => {}).on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    await new Promise<void>((done) => this.#server?.listen(this.#port, '127.0.0.1', done));
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => (this.#server === undefined ? done(undefined) : this.#server.close(done)));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
    this.#server = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const passwordIn = (text: string): boolean => /pass%2Fword|pass\/word/.test(text);

test('ST7 it waits for a database that does not answer and says so; one that goes away costs nothing that was acknowledged', async () => {
  await using way = new Way(await freshDatabase(), await freePort());
  const starting = startCarrel({ CARREL_DATABASE: way.address });
  await new Promise((next) => setTimeout(next, 4000));
  await way.open();
  await using carrel = await starting;
  expect(carrel.log()).toMatch(
    /Waiting for the database, .*: the database test_\w+ at 127\.0\.0\.1:\d+ \(CARREL_DATABASE\) cannot be reached: .*ECONNREFUSED/,
  );

  const { id } = await newWorksheet(carrel);
  {
    using page = await Page.open(carrel, id);
    page.type('acknowledged');
    await page.saved();
    await way.close();
    const refused = await rest(carrel, 'GET', '/api/worksheets');
    expect([refused.status, refused.json.message]).toEqual([503, 'the database cannot be reached at the moment']);
    page.type('not yet acknowledged');
    await page.until('the end of its connection', () => page.closes.length > 0);
    expect(page.closes[0]).toEqual({ code: 1013, reason: 'the database cannot be reached at the moment' });
  }
  expect((await carrel.command('user', 'list')).out).toMatch(/cannot be reached/);
  await way.open();
  await expect.poll(async () => (await rest(carrel, 'GET', '/api/worksheets')).status, { timeout: 30_000 }).toBe(200);
  using again = await Page.open(carrel, id);
  expect(again.cells[0]?.source).toBe('acknowledged');
  again.type('and on');
  await again.saved();
  expect(passwordIn(carrel.log())).toBe(false);
});

test('ST2 the password is in no log, and not with the warden; ST8 another Carrel on the database is refused, commands are not', async () => {
  const CARREL_DATABASE = await freshDatabase();
  await using carrel = await startCarrel({ CARREL_DATABASE, TEST_POSTGRES: '', CARREL_LOG: 'debug' });
  const environment = await readFile(`/proc/${await carrel.pid('warden')}/environ`, 'utf8');
  expect(environment).toContain('CARREL_DATA=');
  expect([environment.includes('CARREL_DATABASE='), passwordIn(environment)]).toEqual([false, false]);
  expect((await carrel.command('user', 'add', 'ada')).code).toBe(0);
  expect((await rest(carrel, 'GET', '/api/me')).status).toBe(200);

  const other = await runToEnd('serve', { CARREL_DATABASE });
  expect(other.code).toBe(78);
  expect(other.out).toMatch(
    /another Carrel is running on the database test_\w+ at \S+; stop it, or give this one a database of its own/,
  );
  expect([passwordIn(carrel.log()), passwordIn(other.out)]).toEqual([false, false]);
  expect((await rest(carrel, 'GET', '/api/me')).status).toBe(200);
});

test('ST9 a setting that has to be mended ends the program with what to do, in its own words', async () => {
  const wrong = await runToEnd('serve', { CARREL_DATABASE: addressOf({ password: 'not-the-secret' }) });
  expect([wrong.code, wrong.out]).toEqual([78, expect.stringMatching(/refuses carrel: the password is wrong/)]);
  expect(wrong.out).not.toContain('not-the-secret');
  const other = await runToEnd('serve', { CARREL_DATABASE: 'mysql://ada:not-the-secret@host/x' });
  expect([other.code, other.out]).toEqual([
    78,
    expect.stringMatching(/expected CARREL_DATABASE to be an address such as .*got something else/),
  ]);
  expect(other.out).not.toContain('not-the-secret');
});

test('ST9 a server that takes no changes is told as such', async () => {
  const address = await freshDatabase();
  await asSuperuser(`alter database ${new URL(address).pathname.slice(1)} set default_transaction_read_only = on`);
  const { code, out } = await runToEnd('serve', { CARREL_DATABASE: address });
  expect([code, out]).toEqual([
    78,
    expect.stringMatching(/it takes no changes: it is a standby, or was made read-only/),
  ]);
});
