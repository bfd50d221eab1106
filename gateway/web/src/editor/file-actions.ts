/** The worksheet as a whole: sharing, files, versions, copies to take away. */
import { api } from '../shared/api.ts';
import { t } from '../texts/texts.ts';
import type { Action } from './action.ts';
import { panelAction } from './panel-action.ts';
import { printAll } from './printing.ts';

/** A file of the worksheet, by a link that is clicked for the person. */
function download(address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}

export const FILE_ACTIONS = {
  share: {
    text: t.share.action,
    group: 'file',
    needs: 'manage',
    menu: true,
    act: ({ sharing }) => sharing.set(true),
  },
  files: panelAction('files'),
  history: panelAction('history'),
  downloadNotebook: {
    text: t.download,
    group: 'file',
    needs: 'read',
    menu: true,
    act: ({ id }) => download(api.fileAddress(id, 'notebook')),
  },
  downloadCode: {
    text: t.downloadCode,
    group: 'file',
    needs: 'read',
    menu: true,
    act: ({ id }) => download(api.fileAddress(id, 'python')),
  },
  downloadHtml: {
    text: t.downloadHtml,
    group: 'file',
    needs: 'read',
    menu: true,
    act: ({ id }) => download(api.fileAddress(id, 'html')),
  },
  print: { text: t.actions.print, group: 'file', needs: 'read', menu: true, act: () => void printAll() },
} satisfies Record<string, Action>;
