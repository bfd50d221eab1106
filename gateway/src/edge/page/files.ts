/** The small page's files, read once at start. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PageFiles {
  readonly index: string;
  readonly assets: ReadonlyMap<string, { readonly type: string; readonly content: string }>;
}

const ASSETS = {
  'icon.svg': 'image/svg+xml',
  'page.css': 'text/css; charset=utf-8',
  'api.js': 'text/javascript; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'kernel-socket.js': 'text/javascript; charset=utf-8',
  'outputs.js': 'text/javascript; charset=utf-8',
} as const;

export async function loadPageFiles(): Promise<PageFiles> {
  const read = (name: string) => readFile(join(import.meta.dirname, name), 'utf8');
  const assets = Object.entries(ASSETS).map(
    async ([name, type]) => [name, { type, content: await read(name) }] as const,
  );
  return { index: await read('index.html'), assets: new Map(await Promise.all(assets)) };
}
