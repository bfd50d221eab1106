/** Sends the content of a download to whoever reads it, and gives up who does not. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Fails where `content` does, where the other side has left, and where it takes nothing for `silent` milliseconds. What counts is what
 * goes out: bytes that the other side sends meanwhile keep nothing open.
 */
export async function sendContent(content: Readable, response: ServerResponse, silent: number): Promise<void> {
  const timer = setTimeout(() => response.destroy(), silent);
  const watch = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      timer.refresh();
      yield piece;
    }
  };
  try {
    await pipeline(content, watch, response);
  } finally {
    clearTimeout(timer);
  }
}
