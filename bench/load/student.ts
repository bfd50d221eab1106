/** A student as the program sees one: an account of their own, a worksheet of their own, its page open, a first cell. */
import type { Carrel } from '../../test/support/carrel.ts';
import { newWorksheet, Page } from '../../test/support/worksheets.ts';

const DAYS = 2;
const PASSWORD = 'a password of many words';
const OPEN_WITHIN = 240_000;

export interface Told {
  /** Milliseconds on `performance.now()`'s clock. */
  readonly at: number;
  readonly place: number;
  readonly of: number;
  readonly expectedMs: number;
}

export interface Opening {
  /** When the student asked for a new worksheet, and when its first output was there. */
  readonly begun: number;
  readonly done: number;
  /** Each place in the queue that the page was told. */
  readonly told: readonly Told[];
}

export class Student {
  readonly #server: { url: string; token: string };
  #page: Page | undefined;

  constructor(server: { url: string; token: string }) {
    this.#server = server;
  }

  /** Makes the worksheet, opens its page, runs `1+1`. */
  async begin(): Promise<Opening> {
    const begun = performance.now();
    const told: Told[] = [];
    const { id } = await newWorksheet(this.#server);
    const page = await Page.open(this.#server, id);
    this.#page = page;
    page.provider.on('stateless', () => {
      const waits = page.status?.waits;
      const last = told.at(-1);
      if (waits !== undefined && (waits.place !== last?.place || waits.of !== last.of))
        told.push({ at: performance.now(), ...waits });
    });
    const ran = await page.run('1+1');
    if (ran.say !== 'done') throw new Error(`the first cell was not run: ${JSON.stringify(ran)}`);
    await page.until('the first output', () => page.output() === '2', OPEN_WITHIN);
    return { begun, done: performance.now(), told };
  }

  /** Ends the sandbox and closes the page. */
  async leave(): Promise<void> {
    await this.#page?.command({ do: 'stop' });
    this.#page?.close();
  }
}

/** Accounts by invitation, as an administrator and the invited people make them; each with a token of its own. */
export async function enrol(carrel: Carrel, count: number): Promise<Student[]> {
  const students: Student[] = [];
  for (let i = 0; i < count; i += 1) students.push(new Student({ url: carrel.url, token: await enrolOne(carrel, i) }));
  return students;
}

async function enrolOne(carrel: Carrel, number: number): Promise<string> {
  const made = await fetch(`${carrel.url}/api/people`, {
    method: 'POST',
    headers: { Authorization: `token ${carrel.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `student-${number}` }),
  });
  const { link } = (await made.json()) as { link: string };
  const key = link.split('#')[1] ?? '';
  const origin = new URL(carrel.url).origin;
  const signedIn = await fetch(`${carrel.url}/invite`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' },
    body: new URLSearchParams({ key, password: PASSWORD }),
  });
  const cookies = signedIn.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  const xsrf = cookies.find((pair) => pair.startsWith('_xsrf='))?.slice(6) ?? '';
  const token = await fetch(`${carrel.url}/api/account/tokens`, {
    method: 'POST',
    headers: { Cookie: cookies.join('; '), 'X-XSRFToken': xsrf, Origin: origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ label: 'bench', days: DAYS }),
  });
  if (token.status !== 201) throw new Error(`student ${number} got no token: ${token.status} ${await token.text()}`);
  return ((await token.json()) as { token: string }).token;
}
