/**
 * The attach stream of a container without a terminal: after the HTTP upgrade, what comes is cut into blocks with a header of
 * 8 bytes (kind, three zeros, length big-endian), what goes is raw. This takes stdout out of it as a plain byte stream.
 *
 * Nothing is copied or joined, and back-pressure is kept: while nobody reads, the socket is not read, the engine blocks, and
 * with it the container. stderr never blocks: its first 4 KiB are given aside, the rest is dropped.
 */
import { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CarrelError } from '../../base/errors.ts';

const STDOUT = 1;
const STDERR = 2;
/** The engine's own words on why it ends the stream. */
const ENGINE_ERROR = 3;
const HEADER = 8;
const ASIDE = 4096;

export class DemuxedStream extends Duplex {
  readonly #socket: Duplex;
  readonly #onStderr: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #header = Buffer.alloc(HEADER);
  #headerBytes = 0;
  #kind = STDOUT;
  /** Bytes of the current block that are still to come. */
  #left = 0;
  #asideBytes = 0;

  constructor(socket: Duplex, onStderr: (text: string) => void = () => {}) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#onStderr = onStderr;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => {
      if (!socket.readableEnded) this.destroy();
    });
    socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done();
    else this.#socket.once('drain', () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    let full = false;
    let at = 0;
    while (at < chunk.length && !this.destroyed) {
      if (this.#left === 0) {
        at += this.#takeHeader(chunk, at);
        continue;
      }
      const block = chunk.subarray(at, at + this.#left);
      at += block.length;
      this.#left -= block.length;
      if (this.#kind === STDOUT) full = !this.push(block) || full;
      else if (this.#kind === STDERR) this.#aside(block);
      else
        this.destroy(
          new CarrelError('sandbox_failed', `the engine ended the stream: ${block.toString('utf8').slice(0, 500)}`),
        );
    }
    if (full) this.#socket.pause();
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerBytes, at, at + HEADER - this.#headerBytes);
    this.#headerBytes += taken;
    if (this.#headerBytes < HEADER) return taken;
    this.#headerBytes = 0;
    this.#kind = this.#header.readUInt8(0);
    this.#left = this.#header.readUInt32BE(4);
    if (this.#kind < STDOUT || this.#kind > ENGINE_ERROR) {
      this.destroy(
        new CarrelError(
          'internal',
          `expected a block of stdout or stderr in the attach stream, got kind ${this.#kind}`,
        ),
      );
    }
    return taken;
  }

  #aside(block: Buffer): void {
    const room = ASIDE - this.#asideBytes;
    if (room <= 0) return;
    const kept = block.subarray(0, room);
    this.#asideBytes += kept.length;
    const text = this.#decoder.write(kept);
    if (text !== '') this.#onStderr(text);
  }
}
