/** The small page in a real browser; the kernel behind it says what each test has it say. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';
import { type TestEdge, testEdge } from '../support/edge.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let browser: Browser;
let edge: TestEdge;
let page: Page;
let problems: string[];

beforeAll(async () => {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args });
});
afterAll(() => browser.close());

beforeEach(async () => {
  edge = await testEdge();
  edge.kernels.answers = answers;
  page = await browser.newPage();
  problems = [];
  page.on('pageerror', (error) => void problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await page.goto(`${edge.url}/?token=${edge.token}`);
});
afterEach(async () => {
  await page.close();
  await edge[Symbol.asyncDispose]();
  expect(problems).toEqual([]);
});

/** Runs the code of a request as a list of [type, content]; an array is what iopub carries, the rest of the protocol is added. */
function answers(request: KernelMessage): KernelMessage[] {
  const { msg_type: type, msg_id: id } = request.header;
  const say = (channel: KernelMessage['channel'], kind: string, content: object) =>
    makeMessage(channel, { msg_id: `${id}-${kind}`, msg_type: kind, session: 'k' }, request.header, content);
  if (type !== 'execute_request')
    return type === 'input_reply' ? [] : [say('shell', type.replace('request', 'reply'), {})];
  const outputs = JSON.parse(String(request.content['code'])) as [string, object][];
  const error = outputs.find(([kind]) => kind === 'error')?.[1];
  return [
    say('iopub', 'status', { execution_state: 'busy' }),
    ...outputs.map(([kind, content]) => say(kind === 'input_request' ? 'stdin' : 'iopub', kind, content)),
    ...(outputs.at(-1)?.[0] === 'input_request'
      ? []
      : [say('shell', 'execute_reply', error === undefined ? { status: 'ok' } : { status: 'error', ...error })]),
    ...(outputs.at(-1)?.[0] === 'input_request' ? [] : [say('iopub', 'status', { execution_state: 'idle' })]),
  ];
}

const run = async (...outputs: [string, object][]) => {
  await page.getByLabel('Code').fill(JSON.stringify(outputs));
  await page.getByLabel('Code').press('Shift+Enter');
};
const lastCell = () => page.locator('#cells > li:not(.note)').last();
const state = () => page.getByRole('status');
const html = (text: string): [string, object] => ['display_data', { data: { 'text/html': text }, metadata: {} }];

test('the address of sign-in shows the page and no token', async () => {
  expect(page.url()).toBe(`${edge.url}/`);
  await page.getByRole('heading', { name: 'Carrel' }).waitFor();
  expect(await page.getByLabel('Kernel').locator('option').allTextContents()).toEqual([
    'Python 3',
    'Python 3 (ipykernel)',
    'Python 3 (small)',
    'Python 3 (ipykernel, small)',
  ]);
  expect(await state().textContent()).toMatch(/No kernel yet/);
  expect(edge.kernels.starts).toEqual([]);
});

test('text, errors, results and plots are shown; the state follows', async () => {
  await run(
    ['stream', { name: 'stdout', text: 'one\ntwo 10%\rtwo 99%\nthree' }],
    ['stream', { name: 'stderr', text: 'careful' }],
    ['execute_result', { data: { 'text/plain': '42', 'text/html': '<b>42</b>' }, metadata: {} }],
    ['display_data', { data: { 'image/png': `${PIXEL}\n`, 'text/plain': '<Figure>' }, metadata: {} }],
  );
  await lastCell().locator('img').waitFor();
  expect(await lastCell().locator('.stdout').textContent()).toBe('one\ntwo 99%\nthree');
  expect(await lastCell().locator('.stderr').textContent()).toBe('careful');
  expect(await lastCell().locator('.data').first().textContent()).toBe('42');
  expect(
    await lastCell()
      .locator('img')
      .evaluate((image) => Reflect.get(image, 'naturalWidth')),
  ).toBe(1);
  await expect.poll(() => lastCell().getAttribute('data-run')).toBe('ok');
  expect(await state().textContent()).toBe('Ready');
});

test('an error’s traceback has its colours and marks the cell', async () => {
  const traceback = ['\u001b[0;31mZeroDivisionError\u001b[0m: division', '\u001b[1;32m----> 1\u001b[0m 1/0'];
  await run(['error', { ename: 'ZeroDivisionError', evalue: 'division', traceback }]);
  await expect.poll(() => lastCell().getAttribute('data-run')).toBe('error');
  expect(await lastCell().locator('.error').textContent()).toBe('ZeroDivisionError: division\n----> 1 1/0');
  expect(await lastCell().locator('.error .red').textContent()).toBe('ZeroDivisionError');
});

test('nothing that a kernel sends becomes part of the page', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
  await run(
    html(evil),
    ['stream', { name: 'stdout"><script>', text: evil }],
    [
      'display_data',
      { data: { 'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg"><script>document.title=1</script></svg>` } },
    ],
  );
  await expect.poll(() => lastCell().getAttribute('data-run')).toBe('ok');
  expect(await lastCell().locator('.data').first().textContent()).toBe(evil);
  expect(await lastCell().locator('script, .outputs img:not([src^="data:"])').count()).toBe(0);
  expect(await page.title()).toBe('Carrel');
});

test('input is asked for and sent', async () => {
  await run(['input_request', { prompt: 'Name? ', password: false }]);
  await lastCell().getByLabel('Name?').fill('Ada');
  await lastCell().getByLabel('Name?').press('Enter');
  await expect.poll(() => edge.kernels.received.at(-1)?.content).toEqual({ status: 'ok', value: 'Ada' });
  expect(await lastCell().locator('.stdout').textContent()).toBe('Name? Ada\n');
});

test('a very long output is cut, and says so', async () => {
  await run(['stream', { name: 'stdout', text: 'x'.repeat(300_000) }]);
  await lastCell().locator('.cut').waitFor();
  expect((await lastCell().locator('.stdout').textContent())?.length).toBe(200_000);
});

describe('the kernel', () => {
  test('memory used of the limit is shown', async () => {
    await run();
    await page.getByText('0 of 0 MiB').waitFor();
  });

  test('a reload finds the same kernel', async () => {
    await run();
    await expect.poll(() => state().textContent()).toBe('Ready');
    await page.reload();
    await expect.poll(() => state().textContent()).toBe('Ready');
    expect(edge.kernels.starts).toHaveLength(1);
  });

  test('its end is told with the reason, and the next run starts another', async () => {
    await run();
    await expect.poll(() => state().textContent()).toBe('Ready');
    const [kernel] = edge.kernels.list(edge.admin.id);
    if (kernel !== undefined) await edge.kernels.shutdown(edge.admin.id, kernel.id);
    await page.getByText('The kernel has ended: the kernel is gone.').waitFor();
    await run(['stream', { name: 'stdout', text: 'again' }]);
    await lastCell().locator('.stdout').getByText('again').waitFor();
    expect(edge.kernels.starts).toHaveLength(2);
  });

  test('a lost connection is told and comes back by itself', async () => {
    await run();
    await expect.poll(() => state().textContent()).toBe('Ready');
    const [kernel] = edge.kernels.list(edge.admin.id);
    for (const client of kernel === undefined ? [] : edge.kernels.clients(kernel.id)) client.close(1012, 'restart');
    await page.getByText('The connection is lost.').waitFor();
    await expect.poll(() => state().textContent()).toBe('Ready');
  });

  test('choosing another policy starts its kernel and ends the old one', async () => {
    await run();
    await expect.poll(() => state().textContent()).toBe('Ready');
    await page.getByLabel('Kernel').selectOption('python3-small');
    await page.getByText('Another kernel was started.').waitFor();
    expect(edge.kernels.list(edge.admin.id).map((kernel) => kernel.name)).toEqual(['python3-small']);
  });

  test('it can be restarted', async () => {
    await run();
    await expect.poll(() => page.getByRole('button', { name: 'Restart' }).isEnabled()).toBe(true);
    await page.getByRole('button', { name: 'Restart' }).click();
    await page.getByText('The kernel was restarted.').waitFor();
  });
});

test('it is usable at a width of 320 pixels, in the dark, and by keyboard', async () => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await run(['stream', { name: 'stdout', text: 'x'.repeat(500) }]);
  await expect.poll(() => lastCell().getAttribute('data-run')).toBe('ok');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  const reached: string[] = [];
  for (let index = 0; index < 8; index += 1) {
    reached.push(String(await page.evaluate('document.activeElement.id')));
    await page.keyboard.press('Tab');
  }
  expect(reached).toEqual(expect.arrayContaining(['code', 'run', 'restart']));
});

test('signing out shows the sign-in page', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Token or address').fill(edge.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Code').waitFor();
});
