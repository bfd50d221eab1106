/** Accounts as people meet them: the first administrator, an invitation, both languages, every screen, and what ends what. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import {
  code,
  findings,
  forAllTests,
  picture,
  SOON,
  saved,
  sources,
  visitor,
  widerThanScreen,
  worksheetOf,
} from './worksheet-browser.ts';

const GOOD = 'correct horse battery';
let carrel: Carrel;
let browser: Browser;
forAllTests((...both) => ([carrel, browser] = both), { CARREL_SIGN_UP: 'open' });

/** Axe finds nothing, nothing is wider than the screen; and a picture. */
async function fine(page: Page, name: string): Promise<void> {
  expect([name, await findings(page)]).toEqual([name, []]);
  expect([name, await widerThanScreen(page)]).toEqual([name, 0]);
  await picture(page, `accounts-${name}`);
}

/** A browser that nobody has signed in with. */
async function stranger(options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => void problems.push(String(error.stack ?? error)));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.goto(`${carrel.url}/signin`);
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.press('#password', 'Enter');
}

/** Makes a person by the command and answers their link. */
async function linkOf(name: string, command = 'invite'): Promise<string> {
  const { out } = await carrel.command('user', command, name);
  return /http\S+/.exec(out)?.[0] ?? out;
}

async function newPerson(name: string): Promise<void> {
  await using guest = await stranger();
  await guest.page.goto(await linkOf(name));
  await guest.page.fill('#password', GOOD);
  await guest.page.press('#password', 'Enter');
  await guest.page.waitForSelector('.home');
}

test('the first administrator sets a password, invites a person, who sets theirs and works; the link is good once', async () => {
  await using admin = await visitor(browser, carrel);
  const { page } = admin;
  await page.getByRole('link', { name: 'admin', exact: true }).click();
  await page.getByLabel('New password').fill('admin');
  await page.getByRole('button', { name: 'Set a password' }).click();
  await page.getByRole('alert').getByText('at least 10 characters').waitFor(SOON);
  await page.getByLabel('New password').fill(GOOD);
  await page.getByRole('button', { name: 'Set a password' }).click();
  await page.getByText('The password is set. No other browser was signed in.').waitFor(SOON);
  await page.getByRole('heading', { name: 'Change password' }).waitFor(SOON);
  await fine(page, 'account');

  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('Name').fill('ada');
  await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption('instructor');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue(SOON);
  expect(link).toMatch(new RegExp(`^${carrel.url}/invite#[\\w-]{43}$`));
  await fine(page, 'link');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText(/Invited · never signed in · link until/).waitFor(SOON);
  await fine(page, 'people');
  await page.getByLabel('Name').fill('bea');
  await page.getByRole('button', { name: 'Invite' }).click();
  const another = await page.getByLabel('Link', { exact: true }).inputValue(SOON);
  await page.getByRole('button', { name: 'Close' }).click();

  await using guest = await stranger();
  await guest.page.goto(link);
  await guest.page.getByRole('heading', { name: 'Welcome, ada' }).waitFor(SOON);
  expect(guest.page.url()).toBe(`${carrel.url}/invite`);
  await fine(guest.page, 'invite');
  await guest.page.getByRole('button', { name: 'Show password' }).click();
  await guest.page.keyboard.type(GOOD);
  expect(await guest.page.locator('#password').getAttribute('type')).toBe('text');
  await guest.page.keyboard.press('Enter');
  await guest.page.waitForSelector('.home');
  await guest.page.getByRole('link', { name: 'ada' }).waitFor(SOON);
  expect(await guest.page.getByRole('link', { name: 'People' }).count()).toBe(0);
  await guest.page.goto(`${carrel.url}/people`);
  await guest.page.getByText('only administrators see and change people').waitFor(SOON);

  await using late = await stranger();
  await late.page.goto(link);
  await late.page.getByRole('heading', { name: 'no longer good' }).waitFor(SOON);
  await fine(late.page, 'link-gone');
  await late.page.goto(another);
  await late.page.getByRole('heading', { name: 'Welcome, bea' }).waitFor(SOON);

  await page.reload();
  await page
    .getByText(/^signed in/)
    .first()
    .waitFor(SOON);
  expect([...admin.problems, ...guest.problems].filter((line) => !/status of (40[034])/.test(line))).toEqual([]);
});

test('AC22 a worksheet’s address leads through the sign-in page and back, also after a wrong password', async () => {
  await newPerson('berta');
  await using guest = await stranger();
  const { page } = guest;
  const id = await worksheetOf(carrel, [code('1')]);
  await page.goto(`${carrel.url}/worksheets/${id}`);
  await page.fill('#name', 'Berta');
  await page.fill('#password', 'not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').waitFor(SOON);
  await fine(page, 'wrong');
  expect(await page.inputValue('#name')).toBe('Berta');
  expect(await page.evaluate('document.activeElement.id')).toBe('password');
  await page.keyboard.type(GOOD);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${carrel.url}/worksheets/${id}`);
});

test('AC23 a password that is changed here ends the other browser, and this one’s worksheet goes on', async () => {
  await newPerson('cleo');
  await using here = await stranger();
  await using there = await stranger({ locale: 'de-DE' });
  for (const { page } of [here, there]) {
    await signIn(page, 'cleo', GOOD);
    await page.waitForSelector('.home');
  }
  await here.page.getByRole('button', { name: 'New worksheet' }).click();
  await here.page.waitForSelector('.cell');
  const account = await here.page.context().newPage();
  await account.goto(`${carrel.url}/account`);
  await account.getByLabel('Present password').fill(GOOD);
  await account.getByLabel('New password').fill('another horse battery');
  await account.getByRole('button', { name: 'Change password' }).click();
  await account.getByText('The password is set. 2 other browsers were signed out.').waitFor(SOON);
  expect(await account.locator('.badge').count()).toBe(1);
  await there.page.reload();
  await there.page.getByRole('heading', { name: 'Anmelden' }).waitFor(SOON);
  await here.page.locator('.cell .source').first().click();
  await here.page.keyboard.type('"after"');
  await saved(here.page);
  await here.page.reload();
  await expect.poll(() => sources(here.page), SOON).toContain('"after"');
});

test('AC25 who is disabled is out at once, in an open worksheet too, and told so when they come back', async () => {
  await newPerson('dora');
  await using dora = await stranger();
  await signIn(dora.page, 'dora', GOOD);
  await dora.page.getByRole('button', { name: 'New worksheet' }).click();
  await dora.page.waitForSelector('.cell');
  await using admin = await visitor(browser, carrel);
  await admin.page.goto(`${carrel.url}/people`);
  await admin.page.getByLabel('Search').fill('DOR');
  await admin.page.getByLabel('Actions for dora').click();
  await admin.page.getByRole('button', { name: 'Disable', exact: true }).click();
  await admin.page.locator('dialog').getByRole('button', { name: 'Disable' }).click();
  await admin.page.getByText('dora is disabled and signed out everywhere.').waitFor(SOON);
  const again = dora.page.getByRole('link', { name: 'Sign in' });
  await again.waitFor(SOON);
  expect(await again.getAttribute('href')).toMatch(/signin\?next=worksheets%2F/);
  await signIn(dora.page, 'dora', GOOD);
  await dora.page.getByRole('heading', { name: 'This account is disabled' }).waitFor(SOON);
  await admin.page.getByLabel('Actions for dora').click();
  await admin.page.getByRole('button', { name: 'Enable', exact: true }).click();
  await admin.page.getByText('dora may sign in again.').waitFor(SOON);
  await signIn(dora.page, 'dora', GOOD);
  await dora.page.waitForSelector('.home');
});

test('AC27 tokens are made, copied and revoked; browsers are ended one by one', async () => {
  await newPerson('emil');
  await using here = await stranger({ permissions: ['clipboard-read', 'clipboard-write'] });
  await using there = await stranger();
  for (const { page } of [here, there]) {
    await signIn(page, 'emil', GOOD);
    await page.waitForSelector('.home');
  }
  const { page } = here;
  await page.goto(`${carrel.url}/account`);
  await page.getByLabel('What is it for?').fill('laptop');
  await page.getByLabel('Valid for').selectOption('90');
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = await page.getByLabel('Token', { exact: true }).inputValue(SOON);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied.').waitFor(SOON);
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token);
  await fine(page, 'token');
  await page.keyboard.press('Escape');
  const headers = { Authorization: `token ${token}` };
  const status = async () => (await fetch(`${carrel.url}/api/account`, { headers })).status;
  expect(await status()).toBe(200);
  await page.getByRole('button', { name: 'Revoke laptop' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The token “laptop” is revoked.').waitFor(SOON);
  expect(await status()).toBe(401);
  await page
    .getByRole('button', { name: /^Sign out Chrome on Linux/ })
    .first()
    .click();
  await page.getByText(/is signed out\./).waitFor(SOON);
  await page.getByRole('button', { name: 'Sign out all other browsers' }).click();
  await page.getByText('1 other browser was signed out.').waitFor(SOON);
  await there.page.reload();
  await there.page.getByRole('heading', { name: 'Sign in' }).waitFor(SOON);
});

test('AC26 an account is made where the site allows it, and a taken name is said to be taken', async () => {
  await using guest = await stranger();
  const { page } = guest;
  await page.goto(`${carrel.url}/`);
  await page.getByRole('link', { name: 'Make an account' }).click();
  await page.fill('#name', 'ADMIN');
  await page.fill('#password', GOOD);
  await page.getByRole('button', { name: 'Make account' }).click();
  await page.getByRole('alert').getByText('This name is taken').waitFor(SOON);
  await fine(page, 'taken');
  await page.fill('#name', 'fritz');
  await page.fill('#password', GOOD);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.home');
});

test('without scripts the link is pasted, and everything else is a form', async () => {
  await using guest = await stranger({ javaScriptEnabled: false });
  const { page } = guest;
  const link = await linkOf('gerda');
  await page.goto(link);
  await page.getByLabel('Link').fill(link);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Welcome, gerda' }).waitFor(SOON);
  await page.getByLabel('Password', { exact: true }).fill(GOOD);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await expect.poll(() => page.title(), SOON).toBe('Carrel');
});

test('the keyboard alone signs in, goes to the account and makes a token, with the focus to be seen', async () => {
  await newPerson('hanna');
  await using guest = await stranger();
  const { page } = guest;
  await page.goto(`${carrel.url}/`);
  await page.keyboard.type('hanna');
  await page.keyboard.press('Tab');
  await page.keyboard.type(GOOD);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'hanna' }).waitFor(SOON);
  const to = async (label: string) => {
    for (let step = 0; step < 30; step++) {
      await page.keyboard.press('Tab');
      const { name, outline } = (await page.evaluate(`(() => {
        const it = document.activeElement;
        const name = it.getAttribute('aria-label') ?? it.labels?.[0]?.innerText ?? it.innerText ?? '';
        return { name: name.trim(), outline: getComputedStyle(it).outlineStyle };
      })()`)) as { name: string; outline: string };
      expect([name, outline]).not.toEqual([name, 'none']);
      if (name === label) return;
    }
    throw new Error(`the keyboard does not reach ${label}`);
  };
  await to('hanna');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'API tokens' }).waitFor(SOON);
  await to('What is it for?');
  await page.keyboard.type('lab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Token “lab”' }).waitFor(SOON);
  expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Token');
});

describe.each([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['contrast', { contrast: 'more' }],
  ['forced', { forcedColors: 'active' }],
  ['narrow', { viewport: { width: 320, height: 640 } }],
  ['narrow-de', { viewport: { width: 320, height: 640 }, locale: 'de-DE', colorScheme: 'dark' }],
  ['de', { locale: 'de-DE' }],
] as const)('%s', (name, options) => {
  test('axe finds nothing on any page, and nothing is wider than the screen', async () => {
    await using guest = await stranger(options);
    const { page } = guest;
    const german = 'locale' in options;
    await page.goto(`${carrel.url}/`);
    expect(await page.evaluate('document.documentElement.lang')).toBe(german ? 'de' : 'en');
    await fine(page, `sign-in-${name}`);
    await page.locator('summary').click();
    await page.fill('#token', 'wrong');
    await page.press('#token', 'Enter');
    await page.getByRole('alert').waitFor(SOON);
    await fine(page, `token-${name}`);
    await page.goto(`${carrel.url}/signup`);
    await fine(page, `sign-up-${name}`);
    await page.goto(`${carrel.url}/invite`);
    await fine(page, `key-${name}`);
    const person = `a.person.with-a-rather-long-name-${name}@example.org`;
    const link = await linkOf(person);
    await page.goto('about:blank');
    await page.goto(link);
    await page.waitForSelector('#password');
    await fine(page, `invite-${name}`);

    await using signed = await visitor(browser, carrel, options);
    await signed.page.waitForSelector('nav a[href$=people]');
    await fine(signed.page, `home-${name}`);
    await signed.page.goto(`${carrel.url}/account`);
    await signed.page.waitForSelector('section:nth-of-type(3) .rows li');
    await fine(signed.page, `account-${name}`);
    await signed.page.goto(`${carrel.url}/people`);
    await signed.page.waitForSelector('.rows li');
    await fine(signed.page, `people-${name}`);
    await signed.page.fill('.search input', person);
    await signed.page.locator('.rows .menu summary').first().click();
    await fine(signed.page, `menu-${name}`);
    await signed.page.locator('.menu-list button').first().click();
    await signed.page.waitForSelector('dialog');
    await fine(signed.page, `dialog-${name}`);
    expect(signed.problems).toEqual([]);
  });
});
