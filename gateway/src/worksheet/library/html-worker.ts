/** The thread that writes one HTML file and ends: the document comes as Yjs updates, so that reading it costs the gateway nothing. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import * as Y from 'yjs';
import { readDocument } from '../document/document.ts';
import { exportHtml } from '../files/export-html/export-html.ts';
import type { HtmlJob } from './html-thread.ts';

const { title, language, updates } = workerData as HtmlJob;
const katexStyle = createRequire(import.meta.url).resolve('katex/dist/katex.min.css');
const doc = new Y.Doc();
for (const update of updates) Y.applyUpdate(doc, update);
const html = exportHtml(
  { title, language, notebook: readDocument(doc) },
  {
    style: readFileSync(join(import.meta.dirname, '../files/export-html/style.css'), 'utf8'),
    katexStyle: readFileSync(katexStyle, 'utf8'),
    katexFont: (file) => readFileSync(join(dirname(katexStyle), 'fonts', file)).toString('base64'),
  },
  randomBytes(16).toString('hex'),
);
const file = new TextEncoder().encode(html);
parentPort?.postMessage(file, [file.buffer]);
