/**
 * Builds the pages into `dist/`: `index.html` (home), `worksheets/index.html` (editor), `account.html`, `people.html`, `admin.html`, `output-frame.html` (the frame of scripts
 * in outputs, as it stands in `public/`), and hashed files in `assets/`. All addresses are relative, so that the same files work
 * below any base path, and nothing has to be filled in when they are sent.
 */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Each page's file, and the folder of `src/` whose `main.tsx` it runs. */
const PAGES = {
  'index.html': 'home',
  'worksheets/index.html': 'editor',
  'account.html': 'account',
  'people.html': 'people',
  'admin.html': 'admin',
};

/** `up`: the way to the root of the site, which pages read as `data-root`. */
const pageOf = (program: string, up: string): string => `<!doctype html>
<html lang="en" data-root="${up}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Carrel</title>
<link rel="icon" href="${up}icon.svg">
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript.</noscript>
<script type="module" src="${up}src/${program}/main.tsx"></script>
</body>
</html>
`;

/** The pages differ in their program only: they are made of one text, and are no files here. */
function pages(): Plugin {
  const made = new Map(
    Object.entries(PAGES).map(([file, program]) => [
      join(import.meta.dirname, file),
      pageOf(program, file.includes('/') ? '../' : './'),
    ]),
  );
  return {
    name: 'carrel-pages',
    enforce: 'pre',
    resolveId: (id) => (made.has(id) ? id : null),
    load: (id) => made.get(id) ?? null,
  };
}

export default defineConfig({
  base: './',
  plugins: [pages(), react()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: Object.fromEntries(
        Object.entries(PAGES).map(([file, program]) => [program, join(import.meta.dirname, file)]),
      ),
    },
  },
});
