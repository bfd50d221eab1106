/**
 * The claims journal: one JSON object a line in a file of mode 0600. It is appended to synchronously, since an answer must not
 * overtake its record, and rewritten when it has grown. Surviving a SIGKILL needs no fsync; a power cut ends the sandboxes too.
 */
import { closeSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { CarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import { compacted, type JournalContent, type JournalRecord, journalRecord, replay } from './journal-records.ts';

/** Records after which the file is rewritten, about 1 MiB. */
const REWRITE_AFTER = 8000;

export class Journal {
  readonly #path: string;
  readonly #logger: Logger;
  #file: number;
  #appended = 0;
  /** The last append was cut off: the next one must begin on a line of its own. */
  #torn = false;

  private constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#file = openSync(path, 'a', 0o600);
  }

  /** Reads what is there, rewrites it shorter and opens it. A line that cannot be read is left out and told in the log. */
  static open(path: string, logger: Logger): { journal: Journal; content: JournalContent } {
    const content = replay(readRecords(path, logger));
    rewrite(path, content);
    return { journal: new Journal(path, logger), content };
  }

  /** Throws `internal` when the record could not be kept; nothing that depends on it may happen then. */
  append(record: JournalRecord): void {
    const line = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify(record)}\n`);
    try {
      this.#torn = true;
      if (writeSync(this.#file, line) !== line.length) throw new Error('the disk is full');
      this.#torn = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CarrelError('internal', `the claims journal ${this.#path} cannot be written: ${reason}`, {
        cause: error,
      });
    }
    this.#appended += 1;
    if (this.#appended >= REWRITE_AFTER) this.#shorten();
  }

  close(): void {
    closeSync(this.#file);
  }

  #shorten(): void {
    this.#appended = 0;
    try {
      rewrite(this.#path, replay(readRecords(this.#path, this.#logger)));
      const old = this.#file;
      this.#file = openSync(this.#path, 'a', 0o600);
      closeSync(old);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the claims journal could not be shortened; it goes on as it is');
    }
  }
}

function readRecords(path: string, logger: Logger): JournalRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const records: JournalRecord[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const record = parseLine(line);
    if (record === undefined) unreadable += 1;
    else records.push(record);
  }
  if (unreadable > 0) logger.warn({ lines: unreadable, path }, 'the claims journal has lines that cannot be read');
  return records;
}

function parseLine(line: string): JournalRecord | undefined {
  try {
    return journalRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** The rename makes sure that there is a whole journal at every moment. */
function rewrite(path: string, content: JournalContent): void {
  const lines = compacted(content).map((record) => `${JSON.stringify(record)}\n`);
  writeFileSync(`${path}.new`, lines.join(''), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
