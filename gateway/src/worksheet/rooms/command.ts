/** Reads what a page asks of its worksheet, and says who may ask it. Pure. */
import { z } from 'zod';
import type { WorksheetRight } from '../../auth/permissions.ts';
import { type WorksheetCommand, worksheetCommand } from '../../wire/worksheet-protocol.ts';

/** Why it is no command, with the id that it carries, or none. */
export interface RefusedCommand {
  readonly refused: string;
  readonly id: string;
}

/** What a command asks for; the document itself is changed by edits, which need the right to edit. */
export const COMMAND_RIGHTS: Record<WorksheetCommand['do'], WorksheetRight> = {
  run: 'run',
  interrupt: 'run',
  restart: 'run',
  stop: 'run',
  answer: 'run',
  complete: 'run',
  inspect: 'run',
  widget: 'run',
  widgets: 'read',
  clear: 'edit',
};

const withId = z.looseObject({ id: z.string().max(64) });

export function readCommand(payload: string): WorksheetCommand | RefusedCommand {
  const json = parse(payload);
  const parsed = worksheetCommand.safeParse(json);
  if (parsed.success) return parsed.data;
  const id = withId.safeParse(json).data?.id ?? '';
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.').slice(0, 80);
  return { refused: `not a command: ${where ? `${where}: ` : ''}${issue?.message ?? 'unreadable'}`.slice(0, 300), id };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
