/** What is kept of a person: written out as a whole, and removed as a whole. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tarEntries } from '../../gateway/src/release/tar.ts';
import { openStore } from '../../gateway/src/store/store.ts';
import { ask, call, invited, remove } from '../support/accounts.ts';
import { raw, type TestEdge, testEdge } from '../support/edge.ts';

const GOOD = 'correct horse battery';

async function unpack(archive: Buffer): Promise<Map<string, string>> {
  const entries = await tarEntries(async (at, length) => archive.subarray(at, at + length));
  return new Map(entries.map(({ name, start, size }) => [name, archive.subarray(start, start + size).toString()]));
}

async function exported(edge: TestEdge, id: string): Promise<Map<string, string>> {
  const answer = await fetch(`${edge.url}/api/people/${id}/export`, {
    headers: { Authorization: `token ${edge.token}` },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-tar']);
  return unpack(Buffer.from(await answer.arrayBuffer()));
}

/** A person with a worksheet that has a cell, a file, a version, and a share. */
async function somebody(edge: TestEdge, name: string) {
  const jar = await invited(edge, name, GOOD);
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      { id: 'a', cell_type: 'code', metadata: {}, source: `secret_of_${name} = 1`, outputs: [], execution_count: null },
    ],
  };
  const { json } = await ask(edge, jar, 'POST', '/api/worksheets', { title: `Sums of ${name}`, notebook });
  const auth = { Cookie: jar.Cookie, 'X-XSRFToken': jar.xsrf };
  const put = await raw(
    edge,
    'PUT',
    `/api/worksheets/${json.id}/files/data/numbers.csv`,
    { ...auth, 'Content-Length': 5 },
    '1,2,3',
  );
  expect(put.status).toBe(204);
  const user = await edge.store.users.byName(name);
  if (user === undefined) throw new Error(`there is no ${name}`);
  return { jar, user, worksheet: String(json.id) };
}

describe('export', () => {
  test('PR1 an archive holds everything of the person, readable, and nothing of others', async () => {
    await using edge = await testEdge();
    const ada = await somebody(edge, 'ada');
    const bob = await somebody(edge, 'bob');
    await ask(edge, ada.jar, 'PUT', `/api/worksheets/${ada.worksheet}/shares/bob`, { role: 'viewer' });
    await edge.audit.settled();
    const files = await exported(edge, ada.user.id);
    const place = `worksheets/${ada.worksheet}`;
    expect([...files.keys()].filter((name) => !name.includes('/v/'))).toEqual([
      'person.json',
      'shared-with-me.json',
      'audit.jsonl',
      `${place}/worksheet.json`,
      `${place}/notebook.ipynb`,
      `${place}/files/data/numbers.csv`,
    ]);
    expect(files.get(`${place}/files/data/numbers.csv`)).toBe('1,2,3');
    expect(JSON.parse(files.get(`${place}/notebook.ipynb`) ?? '').cells[0].source.join('')).toContain('secret_of_ada');
    expect([...files.keys()].filter((name) => name.includes('/v/')).length).toBe(1);
    const facts = JSON.parse(files.get(`${place}/worksheet.json`) ?? '');
    expect(facts).toMatchObject({ title: 'Sums of ada', shared_with: [{ name: 'bob', role: 'viewer' }] });
    const person = JSON.parse(files.get('person.json') ?? '');
    expect(person).toMatchObject({ name: 'ada', has_password: true, browsers: [{ address: '127.0.0.1' }] });
    expect(files.get('audit.jsonl')).toMatch(/worksheet\.shared/);
    expect([...files.values()].join('')).not.toMatch(/secret_of_bob|\$argon2/);
    expect(JSON.parse((await exported(edge, bob.user.id)).get('shared-with-me.json') ?? '')).toMatchObject([
      { title: 'Sums of ada', role: 'viewer', owner: 'ada' },
    ]);
  });

  test('PR1 administrators alone', async () => {
    await using edge = await testEdge();
    const { user, token } = await edge.person('ada');
    expect((await call(edge, token, 'GET', `/api/people/${user.id}/export`)).status).toBe(403);
    expect((await remove(edge, user.id, { name: 'ada' }, token)).status).toBe(403);
  });
});

describe('deleting', () => {
  test('PR2 PR3 it is said before what it does; then nothing of the person is left but lines without a name', async () => {
    await using edge = await testEdge();
    const ada = await somebody(edge, 'ada');
    const bob = await somebody(edge, 'bob');
    await ask(edge, ada.jar, 'PUT', `/api/worksheets/${ada.worksheet}/shares/bob`, { role: 'editor' });
    await ask(edge, bob.jar, 'PUT', `/api/worksheets/${bob.worksheet}/shares/ada`, { role: 'editor' });
    const said = (await call(edge, edge.token, 'GET', `/api/people/${ada.user.id}/removal`)).json;
    const shared = [{ title: 'Sums of ada', people: 1 }];
    expect(said).toEqual({ name: 'ada', worksheets: 1, shared, kernels: 0, leaves: 1 });
    for (const [body, status] of [
      [{ name: 'adam' }, 400],
      [{}, 400],
      [{ name: 'ada', give_to: 'nobody' }, 404],
    ] as const)
      expect((await remove(edge, ada.user.id, body)).status).toBe(status);
    expect((await remove(edge, ada.user.id, { name: 'ada' })).status).toBe(204);
    await edge.audit.settled();

    expect((await ask(edge, ada.jar, 'GET', '/api/me')).status).toBe(401);
    expect((await ask(edge, bob.jar, 'GET', `/api/worksheets/${ada.worksheet}`)).status).toBe(404);
    expect((await ask(edge, bob.jar, 'GET', `/api/worksheets/${bob.worksheet}/shares`)).json.people).toEqual([]);
    const lines = (await call(edge, edge.token, 'GET', '/api/admin/audit?limit=1000')).json.lines;
    expect(lines.length).toBeGreaterThan(5);
    expect(JSON.stringify(lines)).not.toMatch(/"ada"/);
    expect((await call(edge, edge.token, 'POST', '/api/people', { name: 'ada', role: 'member' })).status).toBe(201);
  });

  test('PR4 what others use can be given to somebody, with its files', async () => {
    await using edge = await testEdge();
    const ada = await somebody(edge, 'ada');
    const bob = await somebody(edge, 'bob');
    await ask(edge, ada.jar, 'PUT', `/api/worksheets/${ada.worksheet}/shares/bob`, { role: 'editor' });
    expect((await remove(edge, ada.user.id, { name: 'ada', give_to: 'bob' })).status).toBe(204);
    const path = `/api/worksheets/${ada.worksheet}`;
    expect((await ask(edge, bob.jar, 'GET', path)).json).toMatchObject({ role: 'owner', owner: 'bob' });
    expect((await ask(edge, bob.jar, 'GET', `${path}/files/data/numbers.csv`)).text).toBe('1,2,3');
  });

  test('PR5 nobody deletes themselves, nor the last administrator', async () => {
    await using edge = await testEdge();
    expect((await remove(edge, edge.admin.id, { name: 'admin' })).status).toBe(409);
  });
});

describe('commands', () => {
  const main = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');
  const carrel = (data: string, args: string[], typed = ''): Promise<{ code: number | null; out: string }> => {
    const child = spawn(process.execPath, [main, ...args], { cwd: data, env: { ...process.env, CARREL_DATA: data } });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        out += chunk;
      });
    child.stdin.end(typed);
    return new Promise((done) => child.once('close', (code) => done({ code, out })));
  };

  test('PR1 PR2 AU4 export, delete with its question, verify and export of the log, by the command line', async () => {
    const data = await mkdtemp(join(tmpdir(), 'carrel-privacy-'));
    try {
      await carrel(data, ['user', 'add', 'ada']);
      const made = await carrel(data, ['user', 'export', 'ada', '--output', join(data, 'ada.tar')]);
      expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/everything that is kept of ada is in/) });
      const files = await unpack(await readFile(join(data, 'ada.tar')));
      expect(JSON.parse(files.get('person.json') ?? '')).toMatchObject({ name: 'ada' });
      const again = await carrel(data, ['user', 'export', 'ada', '--output', join(data, 'ada.tar')]);
      expect(again).toMatchObject({ code: 1, out: expect.stringMatching(/there is a file/) });

      const asked = await carrel(data, ['user', 'delete', 'ada'], 'no\n');
      expect(asked.out).toMatch(/removes their account.*0 worksheets[\s\S]*nothing was changed/);
      const nobody = await carrel(data, ['user', 'delete', 'ada']);
      expect(nobody).toMatchObject({ code: 0, out: expect.stringMatching(/"ada" was not typed: nothing was changed/) });
      const nowhere = join(data, 'none/ada.tar');
      expect(await carrel(data, ['user', 'export', 'ada', '--output', nowhere])).toEqual({
        code: 1,
        out: `carrel: cannot open ${nowhere}.part: there is no such file or folder\n`,
      });
      const deleted = await carrel(data, ['user', 'delete', 'ada'], 'ada\n');
      expect(deleted).toMatchObject({ code: 0, out: expect.stringMatching(/ada is deleted/) });
      expect((await carrel(data, ['user', 'list'])).out).not.toMatch(/ada/);

      const lines = (await carrel(data, ['audit', 'export'])).out.trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line).event)).toEqual([
        'person.invited',
        'person.exported',
        'person.deleted',
      ]);
      const verified = await carrel(data, ['audit', 'verify']);
      expect(verified).toMatchObject({ code: 0, out: expect.stringMatching(/^3 lines follow each other/) });
      const [, noted = ''] = /noted elsewhere: (\S+)/.exec(verified.out) ?? [];
      {
        const { DatabaseSync } = await import('node:sqlite');
        const database = new DatabaseSync(join(data, 'carrel.sqlite'));
        database.exec("update audit_lines set actor = 'x' where seq = 2");
        database.close();
      }
      const broken = await carrel(data, ['audit', 'verify', '--noted', noted]);
      expect(broken).toMatchObject({ code: 1, out: expect.stringMatching(/line 2 was changed/) });
      await using store = await openStore(data);
      expect((await store.audit.head()).seq).toBe(3);
      expect((await readdir(data)).filter((name) => name.endsWith('.part'))).toEqual([]);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  }, 60_000);
});
