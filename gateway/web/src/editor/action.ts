/** What an action is; the list of all is in actions.ts. */
import { type Chosen, chosenNow } from './cell-actions.ts';
import type { WorksheetRight } from './rights.ts';
import type { Worksheet } from './worksheet.ts';

/** Sections of the toolbar's menu and of the palette. */
export type ActionGroup = 'run' | 'kernel' | 'edit' | 'cell' | 'view' | 'file';

export interface Action {
  readonly text: string;
  readonly group: ActionGroup;
  readonly needs: WorksheetRight;
  /** Whether the toolbar's menu has it. */
  readonly menu?: true;
  /** What goes without saying, such as going down, is left out of the palette. */
  readonly plain?: true;
  /** Whether it would do anything now, as far as the page knows; without this it is always possible. */
  readonly possible?: (worksheet: Worksheet) => boolean;
  /** For what is switched: whether it is on. */
  readonly on?: (worksheet: Worksheet) => boolean;
  readonly act: (worksheet: Worksheet) => void;
}

/** What needs cells does nothing while there are none. */
export const withCells = (act: (chosen: Chosen) => void) => (worksheet: Worksheet) => {
  const chosen = chosenNow(worksheet);
  if (chosen !== undefined) act(chosen);
};
