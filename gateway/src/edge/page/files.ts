/** The files of the pages, read once at start: those of signing in, and what the build of `gateway/web` has made. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface PageFiles {
  /** Of the page that asks to sign in; it needs no build. */
  readonly signIn: ReadonlyMap<string, { readonly type: string; readonly content: string }>;
  /** Undefined where the pages have not been built. */
  readonly web: WebFiles | undefined;
}

/** What the build made; names as the build gave them. */
export interface WebFiles {
  readonly home: Buffer;
  readonly worksheet: Buffer;
  readonly account: Buffer;
  readonly people: Buffer;
  readonly admin: Buffer;
  readonly frame: Buffer;
  /** The frame in which widgets are drawn. */
  readonly widgetFrame: Buffer;
  /** Their names carry a hash of what they hold. */
  readonly assets: ReadonlyMap<string, WebAsset>;
}

export interface WebAsset {
  readonly type: string;
  readonly content: Buffer;
}

const SIGN_IN = {
  'icon.svg': 'image/svg+xml',
  'sign-in.css': 'text/css; charset=utf-8',
  'forms.js': 'text/javascript; charset=utf-8',
} as const;

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
};

/** `web`: the folder that the build has written. */
export async function loadPageFiles(web?: string): Promise<PageFiles> {
  const read = (name: string) => readFile(join(import.meta.dirname, name), 'utf8');
  const signIn = Object.entries(SIGN_IN).map(
    async ([name, type]) => [name, { type, content: await read(name) }] as const,
  );
  return {
    signIn: new Map(await Promise.all(signIn)),
    web: web === undefined ? undefined : await loadWebFiles(web),
  };
}

async function loadWebFiles(folder: string): Promise<WebFiles | undefined> {
  const names = await readdir(join(folder, 'assets')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (names === undefined) return undefined;
  const assets = names.flatMap((name) => {
    const type = TYPES[extname(name)];
    if (type === undefined) return [];
    return [readFile(join(folder, 'assets', name)).then((content) => [name, { type, content }] as const)];
  });
  return {
    home: await readFile(join(folder, 'index.html')),
    worksheet: await readFile(join(folder, 'worksheets/index.html')),
    account: await readFile(join(folder, 'account.html')),
    people: await readFile(join(folder, 'people.html')),
    admin: await readFile(join(folder, 'admin.html')),
    frame: await readFile(join(folder, 'output-frame.html')),
    widgetFrame: await readFile(join(folder, 'widget-frame.html')),
    assets: new Map(await Promise.all(assets)),
  };
}
