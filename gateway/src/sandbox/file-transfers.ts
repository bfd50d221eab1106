/**
 * The gateway's side of files in a sandbox (docs/spec/agent-stream.md, AF21 to AF27): every step is asked for and answered, one at
 * a time for the whole stream, so that no more than one piece of a file is ever ahead of a cell's messages. What was under way
 * when the stream broke fails with words; whoever asked begins anew.
 */
import type { Clock } from '../base/clock.ts';
import type { FileControl, GatewayControl } from '../wire/agent-control.ts';
import { MAX_DATA } from '../wire/agent-frames.ts';
import { Turns } from './turns.ts';

/** The agent keeps twice as many open (AF24). */
const MOST_OPEN = 4;
/** A stream that is paused for slow clients gives nothing; milliseconds. */
const ANSWER_WITHIN = 60_000;
/** Entries of a listing that are taken, whatever the agent says of more. */
const MOST_PAGES = 1000;

export interface SandboxFile {
  /** Relative to the home folder, as the agent says it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Microseconds since the epoch. */
  readonly mtime: number;
}

export interface SandboxListing {
  readonly files: readonly SandboxFile[];
  /** There are more than were asked for, or in folders that cannot be read. */
  readonly cut: boolean;
  /** Files and folders that cannot be told: their names are no text, too long or too deep. */
  readonly odd: number;
  /** The sandbox's time, microseconds since the epoch. */
  readonly now: number;
}

export type FileFacts = Omit<SandboxFile, 'path'>;
export type FileRefusal = Extract<FileControl, { type: 'file-failed' }>['code'] | 'lost';

/** What the sandbox says about a file that could not be listed, read or written; its message completes "X: …". */
export class SandboxFileError extends Error {
  readonly code: FileRefusal;

  constructor(code: FileRefusal, message: string) {
    super(message);
    this.name = 'SandboxFileError';
    this.code = code;
  }
}

/** Each fails with SandboxFileError. */
export interface SandboxFiles {
  /** All files of the home folder, hidden ones left out; at most `most`. */
  list(most: number): Promise<SandboxListing>;
  /** Gives its content to `take`, piece by piece; `begin` may throw to have none of it. */
  read(
    path: string,
    begin: (facts: FileFacts) => void,
    take: (piece: Buffer) => Promise<void> | undefined,
  ): Promise<FileFacts>;
  /** Writes `facts.size` bytes of `source`; what was there is replaced when all has come. */
  write(path: string, facts: FileFacts, source: AsyncIterable<Buffer>): Promise<void>;
  /** One that is not there is removed already. */
  remove(path: string): Promise<void>;
}

export interface TransferPorts {
  readonly control: (body: GatewayControl) => void;
  readonly piece: (transfer: number, piece: Buffer) => void;
  readonly clock: Clock;
}

type Answer = FileControl | { readonly type: 'piece'; readonly body: Buffer };
type Begin =
  | { readonly type: 'file-list'; readonly most: number }
  | { readonly type: 'file-read' | 'file-remove'; readonly path: string }
  | ({ readonly type: 'file-write'; readonly path: string } & FileFacts);

export class FileTransfers implements SandboxFiles {
  readonly #ports: TransferPorts;
  readonly #room = new Turns(MOST_OPEN);
  readonly #step = new Turns(1);
  #able = false;
  #trouble = 'the sandbox is not connected at the moment';
  #last = 0;
  /** The step that is under way. */
  #waiting: { readonly transfer: number; readonly answer: (answer: Answer | SandboxFileError) => void } | undefined;

  constructor(ports: TransferPorts) {
    this.#ports = ports;
  }

  /** `able`: the agent knows of files. */
  attached(able: boolean): void {
    this.#able = able;
    this.#trouble =
      'its agent is of before this version; files can be reached after the sandbox was stopped and run again';
  }

  /** The stream is gone, and with it what was under way. */
  broken(): void {
    this.#able = false;
    this.#trouble = 'the connection to the sandbox was lost';
    this.#waiting?.answer(new SandboxFileError('lost', this.#trouble));
  }

  /** An answer to nobody is late, or hostile and without effect. */
  answer(body: FileControl): void {
    if (this.#waiting?.transfer === body.transfer) this.#waiting.answer(body);
  }

  piece(transfer: number, body: Buffer): void {
    if (this.#waiting?.transfer === transfer) this.#waiting.answer({ type: 'piece', body });
  }

  list(most: number): Promise<SandboxListing> {
    return this.#transfer(async (transfer) => {
      const files: SandboxFile[] = [];
      let page = listed(await this.#begin(transfer, { type: 'file-list', most }));
      for (let pages = 1; ; pages += 1) {
        files.push(...page.entries.map(([path, size, mtime]) => ({ path, size, mtime })));
        const over = files.length > most || pages >= MOST_PAGES;
        const { cut, odd, now } = page;
        if (over || !page.more) return { files: files.slice(0, most), cut: cut || over, odd, now };
        page = listed(await this.#next(transfer));
      }
    });
  }

  read(
    path: string,
    begin: (facts: FileFacts) => void,
    take: (piece: Buffer) => Promise<void> | undefined,
  ): Promise<FileFacts> {
    return this.#transfer(async (transfer) => {
      const opened = await this.#begin(transfer, { type: 'file-read', path });
      if (opened.type !== 'file-opened') throw unexpected(opened);
      const { size, mtime } = opened;
      begin({ size, mtime });
      for (let left = size; ; ) {
        const answer = await this.#next(transfer);
        if (answer.type === 'file-done' && left === 0) return { size, mtime };
        if (answer.type !== 'piece' || answer.body.length > left) throw unexpected(answer);
        left -= answer.body.length;
        await take(answer.body);
      }
    });
  }

  write(path: string, { size, mtime }: FileFacts, source: AsyncIterable<Buffer>): Promise<void> {
    return this.#transfer(async (transfer) => {
      let answer = await this.#begin(transfer, { type: 'file-write', path, size, mtime });
      for await (const chunk of source)
        for (let at = 0; at < chunk.length; at += MAX_DATA) {
          if (answer.type !== 'file-taken') throw unexpected(answer);
          answer = await this.#ask(transfer, () =>
            this.#ports.piece(transfer, chunk.subarray(at, Math.min(at + MAX_DATA, chunk.length))),
          );
        }
      if (answer.type !== 'file-done') throw unexpected(answer);
    });
  }

  remove(path: string): Promise<void> {
    return this.#transfer(async (transfer) => {
      const answer = await this.#begin(transfer, { type: 'file-remove', path });
      if (answer.type !== 'file-done') throw unexpected(answer);
    });
  }

  #transfer<T>(work: (transfer: number) => Promise<T>): Promise<T> {
    return this.#room.run(async () => {
      this.#last += 1;
      const transfer = this.#last;
      try {
        return await work(transfer);
      } finally {
        if (this.#able) this.#ports.control({ type: 'file-close', transfer });
      }
    });
  }

  #begin(transfer: number, body: Begin): Promise<Answer> {
    return this.#ask(transfer, () => this.#ports.control({ ...body, transfer }));
  }

  #next(transfer: number): Promise<Answer> {
    return this.#ask(transfer, () => this.#ports.control({ type: 'file-next', transfer }));
  }

  #ask(transfer: number, send: () => void): Promise<Answer> {
    return this.#step.run(async () => {
      if (!this.#able) throw new SandboxFileError('lost', this.#trouble);
      const { promise, resolve } = Promise.withResolvers<Answer | SandboxFileError>();
      const seconds = ANSWER_WITHIN / 1000;
      const limit = this.#ports.clock.after(ANSWER_WITHIN, () =>
        resolve(new SandboxFileError('lost', `the sandbox did not answer within ${seconds} s`)),
      );
      this.#waiting = { transfer, answer: resolve };
      send();
      const answer = await promise;
      this.#waiting = undefined;
      limit.cancel();
      if (answer instanceof SandboxFileError) throw answer;
      if (answer.type === 'file-failed') throw new SandboxFileError(answer.code, answer.reason);
      return answer;
    });
  }
}

function listed(answer: Answer): Extract<FileControl, { type: 'file-listed' }> {
  if (answer.type !== 'file-listed') throw unexpected(answer);
  return answer;
}

const unexpected = ({ type }: Answer): SandboxFileError =>
  new SandboxFileError('failed', `the sandbox answered out of order (${type})`);
