/** Carries out what a page asks of its worksheet, if the person may ask it; every command is answered. */
import type { WorksheetRight } from '../../auth/permissions.ts';
import type { Person } from '../../auth/principal.ts';
import { isLibraryId, type WorksheetId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';
import type { StoredWorksheet } from '../../store/worksheets.ts';
import { named } from '../../wire/told.ts';
import type { WorksheetCommand, WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import { RIGHT_TEXTS } from '../library/access.ts';
import { COMMAND_RIGHTS, readCommand } from './command.ts';
import type { OpenWorksheet } from './open-worksheet.ts';
import type { Seat } from './seats.ts';

type RunCommand = Extract<WorksheetCommand, { do: 'run' | 'restart' }>;

export interface CommandsOptions {
  readonly logger: Logger;
  /** Undefined for a worksheet that is not open. */
  readonly openOf: (id: WorksheetId) => OpenWorksheet | undefined;
  /** Told who asks for cells to be run, or for a new kernel. */
  readonly asked: ((person: Person, worksheet: StoredWorksheet, command: RunCommand) => void) | undefined;
}

type Reply = (notice: WorksheetNotice) => void;

export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** `payload` comes from the page as it is; `send` goes to that page alone. */
  take(seat: Seat, payload: string, send: Reply): void {
    const { openOf, asked } = this.#options;
    const reply: Reply = (notice) => send(notice.say === 'refused' ? { ...notice, ...named(notice.message) } : notice);
    const name = seat.document;
    const open = isLibraryId(name) ? openOf(name) : undefined;
    const command = readCommand(payload);
    if ('refused' in command) reply({ say: 'refused', id: command.id, message: command.refused });
    else if (!seat.may(COMMAND_RIGHTS[command.do]))
      reply({ say: 'refused', id: command.id, message: notAllowed(seat, COMMAND_RIGHTS[command.do]) });
    else if (open === undefined) reply({ say: 'refused', id: command.id, message: 'the worksheet is being closed' });
    else {
      if (command.do === 'run' || command.do === 'restart') asked?.(seat.person, open.worksheet, command);
      this.#perform(open, command, reply);
    }
  }

  /** A command that meets a document of an unexpected shape costs itself and no more. */
  #perform({ room, worksheet }: OpenWorksheet, command: WorksheetCommand, reply: Reply): void {
    try {
      room.command(command, reply);
    } catch (error) {
      this.#options.logger.error({ err: error, worksheet: worksheet.id, do: command.do }, 'a command failed');
      reply({ say: 'refused', id: command.id, message: 'the server met an unexpected condition' });
    }
  }
}

const notAllowed = ({ role }: Seat, right: WorksheetRight): string =>
  role === undefined
    ? 'this worksheet is no longer shared with you'
    : `as ${role} of this worksheet you may not ${RIGHT_TEXTS[right]} it`;
