/** Whose HTML files are made. Rules: docs/spec/worksheet-export.md. */
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { newUserId } from '../../base/ids.ts';
import type { Notebook } from '../../wire/notebook.ts';
import { fillDocument } from '../document/document.ts';
import { type HtmlJob, HtmlThread } from './html-thread.ts';

const notebook: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] };
const worksheet = async (): Promise<HtmlJob> => {
  const doc = new Y.Doc();
  fillDocument(doc, notebook);
  return { title: 'Tides', language: 'en', updates: [Y.encodeStateAsUpdate(doc)] };
};
const [ada, bob] = [newUserId(), newUserId()];

it('WX10 one person has two files made at most; those of others are taken, and an end makes room', async () => {
  const thread = new HtmlThread();
  const hold = Promise.withResolvers<void>();
  const held = () => hold.promise.then(worksheet);
  const first = thread.render(ada, held);
  const second = thread.render(ada, () => Promise.reject(new Error('the worksheet is gone')));
  second.catch(() => {});
  await expect(thread.render(ada, worksheet)).rejects.toMatchObject({
    code: 'quota_reached',
    message: 'at most 2 HTML files of one person are made at once; wait until one is ready',
  });
  const others = thread.render(bob, worksheet);
  hold.resolve();
  expect(new TextDecoder().decode(await first)).toContain('<title>Tides</title>');
  await expect(second).rejects.toThrow('the worksheet is gone');
  expect((await others).byteLength).toBeGreaterThan(0);
  const again = await Promise.all([thread.render(ada, worksheet), thread.render(ada, worksheet)]);
  expect(again.map((file) => file.byteLength > 0)).toEqual([true, true]);
});
