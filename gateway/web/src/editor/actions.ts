/**
 * Everything that a person can do to the open worksheet by a key, a button, a menu or the command palette: one list. Each action
 * has its text, the right that it needs, and what it does; its keys are in keys.ts. An action that is added to one of these is in
 * the palette, with `menu` in the toolbar's menu too.
 */
import type { Action, ActionGroup } from './action.ts';
import { EDIT_ACTIONS } from './edit-actions.ts';
import { FILE_ACTIONS } from './file-actions.ts';
import type { KeyedAction } from './keys.ts';
import { RUN_ACTIONS } from './run-actions.ts';
import { VIEW_ACTIONS } from './view-actions.ts';
import type { Worksheet } from './worksheet.ts';

const ACTIONS = { ...RUN_ACTIONS, ...EDIT_ACTIONS, ...VIEW_ACTIONS, ...FILE_ACTIONS } satisfies Record<
  KeyedAction,
  Action
>;

export type ActionName = keyof typeof ACTIONS;

/** The same by name, for whoever goes over all of them. */
export const actionOf = (name: ActionName): Action => ACTIONS[name];
export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];
export const ACTION_GROUPS: readonly ActionGroup[] = ['run', 'kernel', 'edit', 'cell', 'view', 'file'];

/** Whether this person may do it in this worksheet, and whether it would do anything. */
export const isOffered = (worksheet: Worksheet, name: ActionName): boolean => worksheet.may(actionOf(name).needs);
export const isPossible = (worksheet: Worksheet, name: ActionName): boolean =>
  isOffered(worksheet, name) && actionOf(name).possible?.(worksheet) !== false;
