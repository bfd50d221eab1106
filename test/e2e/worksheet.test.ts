/** A worksheet on the whole program: browser, gateway, warden, container. Screenshots are left in test/.out/. */
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import {
  active,
  cell,
  code,
  forAllTests,
  mode,
  open,
  picture,
  SOON,
  saved,
  shows,
  sources,
  text,
  type Visitor,
  visitor,
  worksheetOf,
} from './worksheet-browser.ts';

let carrel: Carrel;
let browser: Browser;
let person: Visitor;
let page: Page;

forAllTests((...both) => ([carrel, browser] = both));
beforeEach(async () => {
  person = await visitor(browser, carrel);
  page = person.page;
});
afterEach(async () => {
  await person[Symbol.asyncDispose]();
});

/** Writes into the chosen cell, beginning in command mode. */
async function write(source: string): Promise<void> {
  await page.keyboard.press('Enter');
  await page.keyboard.insertText(source);
}

test('a new worksheet: code is written and run, its output is there after a reload, and in a file', async () => {
  await page.click('.new .main');
  await page.waitForSelector('.cell');
  await write('print("hello")\n6 * 7');
  await page.keyboard.press('Shift+Enter');
  await shows(page, 0, /hello\s+42/);
  expect(await active(page)).toBe(1);
  expect(await mode(page)).toBe('edit');
  await expect.poll(() => page.locator('.kernel-state').innerText(), SOON).toMatch(/Python 3\s+Ready/);
  await expect.poll(() => page.locator('.usage').innerText(), SOON).toMatch(/\d+ MiB of 512 MiB/);
  await saved(page);
  await picture(page, 'worksheet');
  await page.reload();
  await page.waitForSelector('.cell');
  await shows(page, 0, /hello\s+42/);
  expect(await cell(page, 0).locator('.count').innerText()).toContain('[1]');
  const id = page.url().split('/').at(-1);
  const file = JSON.parse((await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text);
  expect(file.cells[0]).toMatchObject({ execution_count: 1, source: expect.anything() });
  expect(person.problems).toEqual([]);
});

test('a long cell goes on while nobody looks, and its output is there for who comes back', async () => {
  const id = await worksheetOf(carrel, [
    code('import time\nfor i in range(5):\n    print("step", i, flush=True)\n    time.sleep(0.4)'),
  ]);
  await open(page, carrel, id);
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, 'step 0');
  await expect.poll(() => cell(page, 0).getAttribute('data-run')).toBe('running');
  await page.goto(`${carrel.url}/`);
  await expect.poll(async () => (await rest(carrel, 'GET', `/api/worksheets/${id}`)).json.kernel, SOON).toBe('idle');
  await open(page, carrel, id);
  await shows(page, 0, /step 0\s+step 1\s+step 2\s+step 3\s+step 4/);
});

test('what waits, runs, fails and asks is seen and announced; the rest of a failed run is left out', async () => {
  const ask = code(
    'import getpass\nname = input("Who? ")\nsecret = getpass.getpass("Secret? ")\nprint(name, len(secret))',
  );
  const id = await worksheetOf(carrel, [ask, code('1/0'), code('print("never")')]);
  await open(page, carrel, id);
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  const field = page.locator('.question input');
  await field.waitFor(SOON);
  expect(await cell(page, 2).getAttribute('data-run')).toBe('waiting');
  expect(await field.getAttribute('type')).toBe('text');
  await expect.poll(() => page.locator('[aria-live=polite]').first().innerText()).toBe('Cell 1 asks for input');
  await field.fill('Ada');
  await field.press('Enter');
  await expect.poll(() => page.locator('.question input').getAttribute('type'), SOON).toBe('password');
  await page.locator('.question input').fill('abc');
  await page.locator('.question input').press('Enter');
  await shows(page, 0, 'Ada 3');
  await shows(page, 1, 'ZeroDivisionError');
  await expect.poll(() => cell(page, 2).getAttribute('data-run'), SOON).toBe('idle');
  expect(await cell(page, 1).getAttribute('data-failed')).toBe('true');
  expect(await cell(page, 2).locator('.outputs').innerText()).toBe('');
  await expect.poll(() => page.locator('[aria-live=polite]').first().innerText()).toBe('Cell 2 ended with an error');
});

test('interrupt ends a loop; restart asks first and forgets variables; stop ends the kernel and says so', async () => {
  const id = await worksheetOf(carrel, [code('x = 5\nprint("in", flush=True)\nwhile True: pass'), code('x')]);
  await open(page, carrel, id);
  await page.keyboard.press('Control+Enter');
  await shows(page, 0, 'in');
  await page.keyboard.press('i');
  await page.keyboard.press('i');
  await shows(page, 0, 'KeyboardInterrupt');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Control+Enter');
  await shows(page, 1, '5');
  await page.keyboard.press('0');
  await page.keyboard.press('0');
  await page.locator('dialog .main').click();
  await expect.poll(() => page.locator('.kernel-state').getAttribute('data-state'), SOON).toBe('idle');
  await page.keyboard.press('Control+Enter');
  await shows(page, 1, 'NameError');
  await page.locator('.toolbar summary').click();
  await page.locator('.menu-list button', { hasText: 'Stop' }).click();
  await page.locator('dialog .main').click();
  await expect.poll(() => page.locator('.kernel-state').innerText(), SOON).toContain('Not running');
});

test('outputs: pictures, formulas, tables, colours, and scripts in their frame', async () => {
  const id = await worksheetOf(carrel, [
    text('# Title\n\nThe mass is $m_0$, and\n\n$$E = mc^2$$\n\n| a | b |\n| - | - |\n| 1 | 2 |'),
    code('%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 4, 2]); plt.show()'),
    code('print("\\x1b[31mred\\x1b[0m plain")\nfor i in range(3): print(f"\\r{i}", end="")'),
    code(
      'from IPython.display import display, HTML, Latex\ndisplay(Latex("$x^2$"))\ndisplay(HTML("<table class=dataframe><tr><td>7</td></tr></table>"))\n' +
        'HTML("<p id=p>before</p><script>p.textContent = \'ran in \' + origin</script>")',
    ),
  ]);
  await open(page, carrel, id);
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  await expect
    .poll(() => page.evaluate("document.querySelector('.outputs img')?.naturalWidth ?? 0"), SOON)
    .toBeGreaterThan(100);
  await shows(page, 2, /^red plain\n2$/);
  expect(await cell(page, 2).locator('.ansi-red-fg').innerText()).toBe('red');
  await cell(page, 3).locator('.katex').first().waitFor(SOON);
  expect(await cell(page, 3).locator('.html td').innerText()).toBe('7');
  await expect.poll(() => page.frameLocator('iframe').locator('#p').innerText(), SOON).toBe('ran in null');
  expect(await cell(page, 0).locator('h1').innerText()).toBe('Title');
  expect(await cell(page, 0).locator('.katex').count()).toBe(2);
  await picture(page, 'worksheet-outputs');
  expect(person.problems).toEqual([]);
});

describe('the keyboard', () => {
  test('inserts, deletes, moves, copies, changes, merges, splits and undoes cells', async () => {
    const id = await worksheetOf(carrel, [code('a'), code('b'), code('c')]);
    await open(page, carrel, id);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press('b');
    await write('new');
    await press('Escape');
    expect(await mode(page)).toBe('command');
    expect(await sources(page)).toEqual(['a', 'new', 'b', 'c']);
    await press('Alt+ArrowDown');
    expect(await sources(page)).toEqual(['a', 'b', 'new', 'c']);
    await press('d', 'd');
    expect(await sources(page)).toEqual(['a', 'b', 'c']);
    await press('z');
    expect(await sources(page)).toEqual(['a', 'b', 'new', 'c']);
    await press('x', 'ArrowUp', 'ArrowUp', 'Shift+V');
    expect(await sources(page)).toEqual(['new', 'a', 'b', 'c']);
    await press('ArrowDown', 'Shift+J', 'Shift+M');
    expect(await sources(page)).toEqual(['new', 'a\n\nb', 'c']);
    await press('Enter', 'Control+Home', 'ArrowRight', 'Control+Shift+-');
    expect(await sources(page)).toEqual(['new', 'a', '\nb', 'c']);
    expect(await mode(page)).toBe('edit');
    await press('Escape', 'End', 'm');
    await cell(page, 3).locator('.rendered').waitFor();
    await press('2');
    expect(await cell(page, 3).locator('h2').innerText()).toBe('c');
    await press('y');
    expect(await sources(page)).toEqual(['new', 'a', '\nb', '## c']);
    await press('Home', 'a');
    expect(await active(page)).toBe(0);
    expect(await page.locator('.cell').count()).toBe(5);
    expect(person.problems).toEqual([]);
  });

  test('goes from cell to cell by arrows and K J, out of the text and into it', async () => {
    const id = await worksheetOf(carrel, [code('one'), text('two'), code('three\nlines')]);
    await open(page, carrel, id);
    await page.keyboard.press('j');
    expect(await active(page)).toBe(1);
    await page.keyboard.press('Enter');
    expect(await mode(page)).toBe('edit');
    await page.keyboard.press('ArrowDown');
    expect([await active(page), await mode(page)]).toEqual([2, 'edit']);
    await page.keyboard.press('ArrowUp');
    expect([await active(page), await mode(page)]).toEqual([1, 'command']);
    await page.keyboard.press('k');
    expect(await active(page)).toBe(0);
  });

  test('completes by Tab and documents by Shift-Tab, from the running kernel', async () => {
    const id = await worksheetOf(carrel, [code('unusual_name = 1\ndef helpful():\n    """Says how."""')]);
    await open(page, carrel, id);
    await page.keyboard.press('Shift+Enter');
    await expect.poll(() => page.locator('.kernel-state').getAttribute('data-state'), SOON).toBe('idle');
    await page.keyboard.insertText('unusual_');
    await page.keyboard.press('Tab');
    /** Enter is not taken for an answer in the first moments, lest it chooses what nobody has seen. */
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'unusual_name' }).click(SOON);
    await expect.poll(() => cell(page, 1).locator('.cm-content').innerText(), SOON).toContain('unusual_name');
    await page.keyboard.insertText('\nhelpful');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => page.locator('.documentation').innerText(), SOON).toContain('Says how.');
    await picture(page, 'worksheet-documentation');
    await page.keyboard.press('Escape');
    expect([await page.locator('.documentation').count(), await mode(page)]).toEqual([0, 'edit']);
  });
});

describe('two people', () => {
  test('see each other’s names, edits and outputs; undo takes back one’s own edits only', async () => {
    await using other = await visitor(browser, carrel);
    const id = await worksheetOf(carrel, [code('first'), code('')]);
    await open(page, carrel, id);
    await open(other.page, carrel, id);
    await write('# mine\n');
    await expect.poll(() => sources(other.page), SOON).toEqual(['# mine\nfirst', '']);
    await cell(other.page, 1).locator('.source').click();
    await other.page.keyboard.insertText('40 + 2');
    await expect.poll(() => sources(page), SOON).toEqual(['# mine\nfirst', '40 + 2']);
    await expect.poll(() => cell(page, 1).locator('.caret-name').innerText(), SOON).toBe('admin');
    await expect.poll(() => page.locator('.person').count()).toBe(1);
    await picture(page, 'worksheet-two');
    await page.keyboard.press('Control+z');
    await expect.poll(() => sources(other.page), SOON).toEqual(['first', '40 + 2']);
    await page.keyboard.press('Control+z');
    expect(await sources(page)).toEqual(['first', '40 + 2']);
    await other.page.keyboard.press('Control+Enter');
    await shows(page, 1, '42');
    expect([...person.problems, ...other.problems]).toEqual([]);
  });
});

test('edits and runs of a broken line arrive when it is back, once, and the state line is true meanwhile', async () => {
  const id = await worksheetOf(carrel, [code('n = 0'), code('n += 1\nprint(n)')]);
  await open(page, carrel, id);
  await page.keyboard.press('Shift+Enter');
  await expect.poll(() => page.locator('.kernel-state').getAttribute('data-state'), SOON).toBe('idle');
  await saved(page);
  await carrel.kill('gateway');
  await expect.poll(() => page.locator('.save').getAttribute('data-say'), SOON).toMatch(/offline|connecting/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\n# late');
  await expect.poll(() => page.locator('.save').innerText()).toContain('edits not yet sent');
  await page.keyboard.press('Control+Enter');
  expect(await cell(page, 1).getAttribute('data-run')).toBe('waiting');
  await picture(page, 'worksheet-offline');
  await shows(page, 1, /^1\s*$/);
  await saved(page);
  const file = JSON.parse((await rest(carrel, 'GET', `/api/worksheets/${id}/notebook`)).text);
  expect([file.cells[1].source].flat().join('')).toContain('# late');
});
