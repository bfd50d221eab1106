/** The administrator's pages in a browser: what runs is seen and stopped, 5,000 rows are worked with, in both languages and by keyboard. */
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../gateway/src/store/store.ts';
import type { SandboxesModel } from '../../gateway/src/wire/admin-rest.ts';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import {
  cell,
  code,
  findings,
  forAllTests,
  open,
  picture,
  SOON,
  shows,
  type Visitor,
  visitor,
  widerThanScreen,
  worksheetOf,
} from './worksheet-browser.ts';

const MANY = 5000;
let carrel: Carrel;
let browser: Browser;
forAllTests((...both) => ([carrel, browser] = both));
beforeAll(async () => {
  await using store = await openStore(carrel.data);
  for (let count = 1; count <= MANY; count += 1) await store.users.add(`student-${count}`, 'member', count);
});

/** Axe finds nothing, nothing is wider than the screen, no script complained; and a picture. */
async function fine({ page, problems }: Visitor, name: string): Promise<void> {
  expect([name, await findings(page)]).toEqual([name, []]);
  expect([name, await widerThanScreen(page), problems]).toEqual([name, 0, []]);
  await picture(page, `admin-${name}`);
}

/** The table's rows that are drawn. */
const rows = (page: Page) => page.locator('.table-row');

/** The server answers as if so many people worked; what is asked of it is kept. */
async function manySandboxes(page: Page): Promise<string[][]> {
  const stops: string[][] = [];
  const sandboxes = Array.from({ length: MANY }, (_, index) => ({
    ...{ id: index.toString(16).padStart(16, '0'), policy: index % 3 === 0 ? 'large' : 'standard', state: 'claimed' },
    ...{ owner: `student-${index}`, title: null, worksheet: null, memory: index * 2 ** 16, memory_limit: 2 ** 29 },
    ...{ cpus: index / MANY, claimed_at: '2026-01-02T03:04:05.678Z', created_at: '2026-01-02T03:04:05.678Z' },
  }));
  await page.route('**/api/admin/sandboxes', (route) =>
    route.fulfill({ json: { sandboxes, trouble: null } as SandboxesModel }),
  );
  await page.route('**/api/admin/sandboxes/stop', (route) => {
    const asked = (route.request().postDataJSON() as { sandboxes: string[] }).sandboxes;
    stops.push(asked);
    return route.fulfill({ json: { stopped: asked.length, failed: [] } });
  });
  return stops;
}

test('a sandbox is seen with its owner and worksheet, and stopped; the worksheet says so and goes on', async () => {
  await using admin = await visitor(browser, carrel);
  await using student = await visitor(browser, carrel);
  const id = await worksheetOf(carrel, [code('6 * 7')], 'Linear algebra');
  await open(student.page, carrel, id);
  await cell(student.page, 0).click();
  await student.page.keyboard.press('Control+Enter');
  await shows(student.page, 0, '42');

  const { page } = admin;
  await page.getByRole('link', { name: 'Administration' }).click();
  const row = rows(page).filter({ hasText: 'Linear algebra' });
  await row.getByText('in use').waitFor(SOON);
  await row.getByText(/[\d.]+ MiB of 512 MiB/).waitFor(SOON);
  await expect.poll(() => row.locator('.cpu').innerText(), SOON).toMatch(/^\d+\.\d\d$/);
  await fine(admin, 'sandboxes');
  await row.getByRole('button', { name: /^Stop the sandbox of admin/ }).click();
  await page.getByRole('dialog').getByText('all variables are lost').waitFor(SOON);
  await fine(admin, 'stop');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop 1 sandbox' }).click();
  await page.getByText('1 sandbox is stopped.').waitFor(SOON);
  await row.waitFor({ state: 'detached', ...SOON });
  await expect.poll(async () => (await rest(carrel, 'GET', '/api/kernels')).json, SOON).toEqual([]);
  await shows(student.page, 0, '42');
});

test('AD2 AD3 of 5,000 sandboxes the drawn rows follow the screen; they are found, sorted, chosen and stopped', async () => {
  await using admin = await visitor(browser, carrel);
  const { page } = admin;
  const stops = await manySandboxes(page);
  await page.goto(`${carrel.url}/admin`);
  await page.getByText('5000 sandboxes').waitFor(SOON);
  expect(await rows(page).count()).toBeLessThan(100);
  await page.getByRole('button', { name: 'Owner' }).click();
  await expect.poll(() => rows(page).first().innerText(), SOON).toContain('student-0');
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
  await page.getByText('student-4999', { exact: true }).waitFor(SOON);
  expect(await rows(page).count()).toBeLessThan(100);
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight / 2)');
  await page.getByText('student-2500', { exact: true }).waitFor(SOON);
  await picture(page, 'admin-many');

  await page.getByLabel('Search').fill('STUDENT-499 large');
  await page.getByText('3 of 5000 sandboxes').waitFor(SOON);
  await page.getByRole('button', { name: 'Memory' }).click();
  await page.getByRole('button', { name: 'Memory' }).click();
  await expect
    .poll(() => rows(page).locator('.owner').allInnerTexts(), SOON)
    .toEqual(['student-4998', 'student-4995', 'student-4992']);
  await page.getByLabel('Choose all that are shown').check();
  await page.getByRole('button', { name: 'Stop 3 sandboxes' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop 3 sandboxes' }).click();
  await page.getByText('3 sandboxes are stopped.').waitFor(SOON);
  expect(stops.map((asked) => asked.map((id) => Number.parseInt(id, 16)).sort())).toEqual([[4992, 4995, 4998]]);
  expect(admin.problems).toEqual([]);
});

test('AD2 AD3 of 5,000 people those are disabled who are chosen, and never oneself', async () => {
  await using admin = await visitor(browser, carrel);
  const { page } = admin;
  await page.goto(`${carrel.url}/people`);
  await page.getByText(`${MANY + 1} people`).waitFor(SOON);
  expect(await page.locator('.person').count()).toBeLessThan(100);
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
  await page.getByText('student-5000', { exact: true }).waitFor(SOON);
  await page.evaluate('scrollTo(0, 0)');
  await page.getByLabel('Search').fill('student-77');
  await page.getByText('11 people').waitFor(SOON);
  await page.getByLabel('Choose all that are shown').check();
  await page.getByLabel('Choose student-77', { exact: true }).uncheck();
  await page.getByText('10 chosen').waitFor(SOON);
  await page.getByRole('button', { name: 'Disable chosen' }).click();
  await page.getByRole('dialog').getByText('Disable 10 people?').waitFor(SOON);
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await page.getByText('10 people are disabled and signed out everywhere.').waitFor(SOON);
  await fine(admin, 'people');
  await page.getByLabel('Search').fill('admin');
  await page.getByLabel('Choose admin').check();
  expect(await page.getByRole('button', { name: 'Disable chosen' }).isDisabled()).toBe(true);
});

test('the keyboard alone goes to the parts, sorts and chooses', async () => {
  await using admin = await visitor(browser, carrel);
  const { page } = admin;
  await manySandboxes(page);
  await page.goto(`${carrel.url}/admin`);
  await rows(page).first().waitFor(SOON);
  const to = async (wanted: string) => {
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab');
      const { name, outline } = (await page.evaluate(`(() => {
        const it = document.activeElement;
        const name = it.getAttribute('aria-label') ?? it.labels?.[0]?.innerText ?? it.innerText ?? '';
        return { name: name.trim(), outline: getComputedStyle(it).outlineStyle };
      })()`)) as { name: string; outline: string };
      expect([name, outline]).not.toEqual([name, 'none']);
      if (name.startsWith(wanted)) return;
    }
    throw new Error(`the keyboard does not reach ${wanted}`);
  };
  await to('Pools and queue');
  await page.keyboard.press('Enter');
  await page.getByText('Nobody waits.').waitFor(SOON);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await rows(page).first().waitFor(SOON);
  await to('CPU');
  await page.keyboard.press('Enter');
  await page.getByRole('columnheader', { name: 'CPU' }).and(page.locator('[aria-sort=ascending]')).waitFor(SOON);
  await to('Choose student-0');
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Stop 1 sandbox' }).waitFor(SOON);
});

test('the audit log is read by event, an older page comes behind it, and its chain is checked', async () => {
  for (let count = 0; count < 110; count += 1)
    await rest(carrel, 'POST', '/api/people', { name: `guest-${count}`, role: 'member' });
  await using admin = await visitor(browser, carrel);
  const { page } = admin;
  await page.goto(`${carrel.url}/admin#audit`);
  await page.getByText('100 lines').waitFor(SOON);
  await page.getByLabel('Event').selectOption('person.invited');
  await page.getByRole('button', { name: 'Search' }).click();
  await rows(page).first().getByText('guest-109').waitFor(SOON);
  await page.getByRole('button', { name: 'Older lines' }).click();
  await page.getByText('110 lines').waitFor(SOON);
  await page.getByRole('button', { name: 'Check the chain' }).click();
  await page.getByText(/^The chain holds: \d+ lines/).waitFor(SOON);
  await page.getByLabel('Who').fill('nobody-of-this-name');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('Nothing like this is in the log.').waitFor(SOON);
  expect(admin.problems).toEqual([]);
});

test('AD1 whoever is no administrator sees nothing there, and no way to it', async () => {
  const page = await (await browser.newContext()).newPage();
  const { out } = await carrel.command('user', 'invite', 'ada');
  await page.goto(/http\S+/.exec(out)?.[0] ?? out);
  await page.fill('#password', 'correct horse battery');
  await page.press('#password', 'Enter');
  await page.getByRole('link', { name: 'ada' }).waitFor(SOON);
  expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
  await page.goto(`${carrel.url}/admin`);
  await page.getByText('only administrators see how this Carrel runs').waitFor(SOON);
  await page.context().close();
});

describe.each([
  ['light', {}],
  ['forced', { forcedColors: 'active' }],
  ['narrow-de', { viewport: { width: 320, height: 640 }, locale: 'de-DE', colorScheme: 'dark' }],
] as const)('%s', (name, options) => {
  test('axe finds nothing in any part, and nothing is wider than the screen', async () => {
    await using admin = await visitor(browser, carrel, options);
    const { page } = admin;
    for (const [part, seen] of [
      ['sandboxes', '.table'],
      ['pools', '.table-row'],
      ['policies', '.policy-file'],
      ['audit', '.table-row'],
      ['health', '.checks li'],
    ] as const) {
      await page.goto(`${carrel.url}/admin#${part}`);
      await page.waitForSelector(seen);
      if (part === 'sandboxes') await page.locator('.find select').selectOption('all');
      if (part === 'policies') for (const each of await page.locator(seen).all()) await each.locator('summary').click();
      await fine(admin, `${part}-${name}`);
    }
    await page.goto(`${carrel.url}/people`);
    await page.waitForSelector('.person');
    await fine(admin, `people-${name}`);
  });
});
