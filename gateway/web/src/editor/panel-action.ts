/** Opening what stands beside the cells. */
import { t } from '../texts/texts.ts';
import type { Action } from './action.ts';
import type { PanelName } from './panel-name.ts';
import type { WorksheetRight } from './rights.ts';

/** A panel beside the cells; choosing it again closes it. */
export const panelAction = (name: PanelName, needs: WorksheetRight = 'read'): Action => ({
  text: t.panels[name],
  group: name === 'contents' ? 'view' : 'file',
  needs,
  menu: true,
  on: ({ panel }) => panel.get() === name,
  act: ({ panel }) => panel.set(panel.get() === name ? undefined : name),
});
