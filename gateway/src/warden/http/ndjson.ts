/** Lines of JSON that are written as they come. A reader that does not keep up is cut off: it may ask again. */
import type { ServerResponse } from 'node:http';

/** Bytes that wait for a slow reader. A snapshot of a thousand sandboxes takes 300 KB. */
const LONGEST_QUEUE = 4 * 2 ** 20;

export class Ndjson {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(value: object): void {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return;
    if (!response.headersSent) {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
    }
    response.write(`${JSON.stringify(value)}\n`);
    if (response.writableLength > LONGEST_QUEUE) response.destroy();
  }

  end(): void {
    this.#response.end();
  }
}
