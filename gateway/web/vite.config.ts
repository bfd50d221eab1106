/**
 * Builds the pages into `dist/`: `index.html` (home), `worksheets/index.html` (editor), `account.html`, `people.html`, `admin.html`, `output-frame.html` (the frame of scripts
 * in outputs, as it stands in `public/`), and hashed files in `assets/`. All addresses are relative, so that the same files work
 * below any base path, and nothing has to be filled in when they are sent.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        home: 'index.html',
        worksheet: 'worksheets/index.html',
        account: 'account.html',
        people: 'people.html',
        admin: 'admin.html',
      },
    },
  },
});
