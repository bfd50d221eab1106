/** Finds 32 bytes that nobody else knows in a stream that comes in pieces: the nonce of AF10, the key of AF9. Pure. */
export class Marker {
  readonly #marker: Buffer;
  #tail = Buffer.alloc(0);

  constructor(marker: Buffer) {
    this.#marker = marker;
  }

  /**
   * Where in `chunk` the byte after the marker stands, when the marker ends within `chunk`; otherwise undefined. Keeps no
   * more than the marker's length.
   */
  find(chunk: Buffer): number | undefined {
    const keep = this.#marker.length - 1;
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, keep)]);
    const across = seam.indexOf(this.#marker);
    const at = across >= 0 ? across - this.#tail.length : chunk.indexOf(this.#marker);
    if (across < 0 && at < 0) {
      const rest = chunk.length >= keep ? chunk : Buffer.concat([this.#tail, chunk]);
      this.#tail = Buffer.from(rest.subarray(Math.max(0, rest.length - keep)));
      return undefined;
    }
    this.#tail = Buffer.alloc(0);
    return at + this.#marker.length;
  }
}
