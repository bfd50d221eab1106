/** Chromium, signed in to a Carrel, with the clocks of `clocks.js` in its pages: what is measured begins and ends there. */
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Carrel } from '../../test/support/carrel.ts';

/**
 * `free`: a frame is drawn as soon as there is something to draw, not when the display would show it; a display of 60 Hz adds up
 * to 16.7 ms, whatever a page does.
 */
export interface BrowserOptions {
  readonly frames: 'free' | 'display';
}

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-extensions'];
const FREE = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

export interface SignedIn extends AsyncDisposable {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** The printed address signs one browser in, once; the next ones have its cookies. */
const sessions = new WeakMap<Carrel, Awaited<ReturnType<BrowserContext['storageState']>>>();

export async function signedIn(carrel: Carrel, { frames }: BrowserOptions): Promise<SignedIn> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: frames === 'free' ? [...ARGS, ...FREE] : ARGS,
  });
  const known = sessions.get(carrel);
  const view = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };
  const context = await browser.newContext({ ...view, ...(known === undefined ? {} : { storageState: known }) });
  await context.addInitScript({ path: join(import.meta.dirname, 'clocks.js') });
  const page = await context.newPage();
  await page.goto(known === undefined ? `${carrel.url}/?token=${carrel.token}` : `${carrel.url}/`);
  await page.waitForSelector('.home');
  sessions.set(carrel, await context.storageState());
  return { browser, context, page, [Symbol.asyncDispose]: () => browser.close() };
}
