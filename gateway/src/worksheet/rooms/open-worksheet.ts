/** One worksheet that is open: how its document, its journal, its room and what records its history are joined, and how they end. */
import type { Document } from '@hocuspocus/server';
import type * as Y from 'yjs';
import type { Clock } from '../../base/clock.ts';
import type { StoredWorksheet } from '../../store/worksheets.ts';
import type { WidgetEvent } from '../../wire/widget-models.ts';
import type { WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import { cellsOf, repairCells } from '../document/document.ts';
import type { Recorder, Recording } from '../history/recorder.ts';
import { Room } from '../run/room.ts';
import type { ExecutionOptions, RoomExecution } from './execution.ts';
import { Journal } from './journal.ts';

export interface OpenWorksheet {
  readonly worksheet: StoredWorksheet;
  readonly document: Document;
  readonly journal: Journal;
  readonly room: Room;
  readonly recording: Recording;
}

export interface OpeningOptions extends Pick<ExecutionOptions, 'worksheets' | 'kernels' | 'logger' | 'bound'> {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly execution: RoomExecution;
  /** True while something runs: the document has to stay loaded. */
  readonly busy: (yes: boolean) => void;
  /** The store takes no more changes. */
  readonly onFailure: (reason: string) => void;
  /** Whose edit a change of the document is, by the change's origin. */
  readonly personOf: (origin: unknown) => string | undefined;
}

/** Fills the document, which is empty, with what is stored. */
export async function openWorksheet(
  worksheet: StoredWorksheet,
  document: Document,
  { worksheets: records, kernels, recorder, clock, logger, bound, execution, ...told }: OpeningOptions,
): Promise<OpenWorksheet> {
  const { id, owner } = worksheet;
  const { busy, onFailure, personOf } = told;
  const journal = await Journal.open({ id, doc: document, records, clock, logger, onFailure });
  keepRepaired(document);
  const stored = () => journal.stored();
  const about = { id, owner, doc: document, ...execution };
  const tellWidgets = (events: readonly WidgetEvent[]) =>
    document.broadcastStateless(asText({ say: 'widgets', events }));
  const room = new Room({ ...about, kernels, clock, logger, bound, busy, stored, tellWidgets });
  room.onStatus((status) => document.broadcastStateless(asText({ say: 'status', status })));
  return { worksheet, document, journal, room, recording: recorder.open(id, document, personOf) };
}

/** Resolves when all of it is stored. Its kernel goes on. */
export async function endWorksheet(open: OpenWorksheet, { logger }: Pick<OpeningOptions, 'logger'>): Promise<void> {
  const { worksheet, document, journal, room, recording } = open;
  try {
    await room.close();
    await recording.close();
    await journal.close();
  } catch (error) {
    logger.error({ err: error, worksheet: worksheet.id }, 'a worksheet could not be closed in order');
  }
  document.destroy();
}

/** A notice as it travels. */
export const asText = (notice: WorksheetNotice): string => JSON.stringify(notice);

/** Two people who move a cell at the same time leave it there twice; not within their own change, which goes out as it is. */
function keepRepaired(document: Y.Doc): void {
  repairCells(document);
  cellsOf(document).observe(() => queueMicrotask(() => repairCells(document)));
}
