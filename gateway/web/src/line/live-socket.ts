/** The WebSocket below the shared document: it comes back by itself, and what was typed is shown before it is sent. */
import { HocuspocusProviderWebsocket } from '@hocuspocus/provider';

/** Milliseconds that a message waits where no frame comes. */
const LONGEST = 100;

/**
 * The library would keep what is sent while the line is down and send it after the next handshake as well, which makes its count
 * of acknowledgements wrong. The handshake itself carries every edit, so there is nothing to keep.
 */
export class LiveSocket extends HocuspocusProviderWebsocket {
  /** Nothing brings the line back. */
  ended = false;
  /** What waits for the frame; of this line, and of no later one. */
  #waiting: { readonly line: unknown; readonly message: unknown }[] = [];
  #waits = false;

  override async connect(): Promise<void> {
    if (!this.ended) await super.connect();
  }

  /** The order is kept: whatever waits goes first. */
  override send(message: unknown): void {
    if (this.webSocket?.readyState !== WebSocket.OPEN) return;
    if (this.#waits) {
      this.#waiting.push({ line: this.webSocket, message });
      return;
    }
    this.#flush();
    super.send(message);
  }

  /** What this sends goes behind the next frame, where one comes: a key is shown before the line is at work for it. */
  behindFrame(work: () => void): void {
    this.#waits = document.visibilityState === 'visible';
    const first = this.#waiting.length === 0;
    work();
    this.#waits = false;
    if (!first || this.#waiting.length === 0) return;
    const flush = () => this.#flush();
    requestAnimationFrame(() => setTimeout(flush));
    /** A page that is hidden now has no frames. */
    setTimeout(flush, LONGEST);
  }

  #flush(): void {
    for (const { line, message } of this.#waiting.splice(0))
      if (line === this.webSocket && this.webSocket?.readyState === WebSocket.OPEN) super.send(message);
  }
}
