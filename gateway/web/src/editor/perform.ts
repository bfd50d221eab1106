/** Does what a key, a button, a menu or the palette asks for, or says why not. */
import { t } from '../texts/texts.ts';
import { type ActionName, actionOf, isOffered, isPossible } from './actions.ts';
import type { Worksheet } from './worksheet.ts';

export function perform(worksheet: Worksheet, name: ActionName): void {
  if (!isOffered(worksheet, name)) worksheet.problem.set(t.notAllowed[actionOf(name).needs]);
  else if (isPossible(worksheet, name)) actionOf(name).act(worksheet);
}
