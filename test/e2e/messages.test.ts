/** What the server says, in a German browser, on the whole program: refusals of every page, and why a kernel has ended. */
import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Carrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { cell, code, forAllTests, open, picture, SOON, visitor, worksheetOf } from './worksheet-browser.ts';

const GERMAN = { locale: 'de-DE' };
let carrel: Carrel;
let browser: Browser;

const FILES = { size: '8 MiB', inodes: 256 };
forAllTests((...both) => ([carrel, browser] = both), {}, [
  { one: { memory: '256 MiB', tmp: FILES, shm: FILES } },
  { perPerson: 1 },
]);

const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
const says = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor(SOON);

test('WL5 what home, sharing, account, people and files are refused with is German', async () => {
  const id = await worksheetOf(carrel, [code('1')], 'Blatt');
  await using person = await visitor(browser, carrel, GERMAN);
  const { page } = person;
  const upload = page.locator('.new input[type=file]');
  await upload.setInputFiles(file('kaputt.ipynb', '{"cells": ['));
  await says(page, /^Das ging nicht: Die Datei ist kein JSON: .* \(Zeile 1, Spalte \d+\)$/);
  await upload.setInputFiles(file('anders.ipynb', '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}'));
  await says(page, 'Das ging nicht: Die Datei ist kein gültiges Notebook: cells ist 3, erwartet war an array');
  await upload.setInputFiles(file('alt.sws', 'BZh9 kein Archiv'));
  await says(page, 'Das ging nicht: Das bzip2-Archiv ist beschädigt oder unvollständig');

  await page.goto(`${carrel.url}/people`);
  for (const [name, refused] of [
    ['admin', 'Den Namen admin gibt es schon'],
    ['-', 'Ein Name hat 1 bis 64 Buchstaben'],
  ] as const) {
    await page.getByLabel('Name', { exact: true }).first().fill(name);
    await page.getByRole('button', { name: 'Einladen' }).click();
    await says(page, refused);
  }

  await page.goto(`${carrel.url}/account`);
  await page.getByLabel('Neues Passwort').fill('ein langes gutes Passwort');
  await page.getByRole('button', { name: 'Passwort setzen' }).click();
  await says(page, 'Das Passwort ist gesetzt.');
  await page.getByLabel('Bisheriges Passwort').fill('falsch');
  await page.getByLabel('Neues Passwort').fill('noch ein gutes Passwort');
  await page.getByRole('button', { name: 'Passwort ändern' }).click();
  await says(page, 'Das ging nicht: Das jetzige Passwort stimmt nicht');

  await open(page, carrel, id);
  await page.locator('.share-button').click();
  const dialog = page.locator('dialog');
  for (const [name, refused] of [
    ['niemand', 'Niemand hier hat genau den Namen "niemand"'],
    ['admin', 'Das Arbeitsblatt gehört Ihnen; Sie haben jedes Recht'],
  ] as const) {
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await page.keyboard.press('Enter');
    await says(page, refused);
  }
  await picture(page, 'messages-sharing');
  await page.keyboard.press('Escape');

  await page.locator('.toolbar details.menu > summary').last().click();
  await page.locator('.menu-list').getByRole('button', { name: 'Dateien', exact: true }).click();
  await page.waitForSelector('.files .usage');
  await page.locator('.upload input[type=file]').setInputFiles(file('.geheim', 'x'));
  await says(page, 'Namen, die mit einem Punkt beginnen, werden nicht aufbewahrt');
  await picture(page, 'messages-files');

  await rest(carrel, 'DELETE', `/api/worksheets/${id}`);
  await page.locator('.upload input[type=file]').setInputFiles(file('spaet.txt', 'x'));
  await says(page, 'Dieses Arbeitsblatt liegt im Papierkorb; stellen Sie es wieder her, um Dateien hochzuladen');
});

test('WL3 WL5 why a kernel has ended, or none is to be had, is German', async () => {
  const [id, other] = await Promise.all([
    worksheetOf(carrel, [code('1'), code('import os; os.kill(os.getpid(), 9)'), code('x = bytearray(2**29)')], 'Blatt'),
    worksheetOf(carrel, [code('2')], 'Zweites'),
  ]);
  await using person = await visitor(browser, carrel, GERMAN);
  const { page } = person;
  const run = async (index: number) => {
    await cell(page, index).locator('.source').click();
    await page.keyboard.press('Control+Enter');
  };
  const reason = (text: string | RegExp) => page.locator('.reasons .reason', { hasText: text }).waitFor(SOON);
  for (const worksheet of [id, other])
    await rest(carrel, 'PATCH', `/api/worksheets/${worksheet}`, { kernelspec: 'python3-one' });
  await open(page, carrel, id);
  await run(1);
  await reason('Der Kernel ist abgestürzt (Signal SIGKILL); Variablen sind verloren, der Kernel startet neu');
  await run(2);
  await reason(/^Der Speicher war voll: Die Sandbox erreichte ihre Grenze von 256 MiB \(Richtlinie one\)/);
  await picture(page, 'messages-kernel');
  await run(0);
  await expect.poll(() => page.locator('.kernel-state').innerText(), SOON).toContain('Bereit');

  await open(page, carrel, other);
  await run(0);
  const limit = 'Ihre Grenze ist erreicht: 1 von 1 Kerneln laufen; beenden Sie zuerst einen';
  await page.locator('.problems', { hasText: limit }).waitFor(SOON);
  /** Once, until it is closed; the worksheet goes on saying why it has no kernel. */
  await expect.poll(() => page.locator('.reasons .reason').count(), SOON).toBe(0);
  await picture(page, 'messages-limit');
  await page.locator('.problems').getByRole('button', { name: 'Schließen' }).click();
  await reason(limit);

  await open(page, carrel, id);
  await page.locator('.toolbar details.menu > summary').last().click();
  await page.locator('.menu-list').getByRole('button', { name: 'Den Kernel beenden' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Beenden', exact: true }).click();
  await reason('Der Kernel wurde beendet; Variablen sind verloren');
});
