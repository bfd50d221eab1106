/** The WebSocket of a kernel in the format v1.kernel.websocket.jupyter.org, opened again whenever it is lost. */

const PROTOCOL = 'v1.kernel.websocket.jupyter.org';
/** What the gateway closes with when the kernel is gone for good. */
const GONE = 1000;
const LONGEST_WAIT = 15_000;

/** 32 random digits; crypto.randomUUID exists over HTTPS only. */
export const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export class KernelSocket {
  #id;
  #session;
  #on;
  #socket;
  #attempt = 0;
  #ended = false;
  #waiting = [];

  /** `on` has open(), lost(attempt), ended(reason) and message(message). The session's name lets the gateway replay what was missed. */
  constructor(id, session, on) {
    this.#id = id;
    this.#session = session;
    this.#on = on;
    this.#connect();
  }

  /** Sends now, or as soon as the socket is open; answers the message's id. */
  send(channel, type, content, parent = {}) {
    const header = {
      msg_id: newId(),
      msg_type: type,
      username: '',
      session: this.#session,
      date: new Date().toISOString(),
      version: '5.3',
    };
    const frame = encode(channel, [header, parent, {}, content]);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
    else this.#waiting.push(frame);
    return header.msg_id;
  }

  close() {
    this.#ended = true;
    this.#socket.close();
  }

  #connect() {
    const url = new URL(`api/kernels/${this.#id}/channels?session_id=${this.#session}`, document.baseURI);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, [PROTOCOL]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      for (const frame of this.#waiting.splice(0)) socket.send(frame);
      this.#on.open();
    };
    socket.onmessage = ({ data }) => this.#on.message(decode(data));
    socket.onclose = ({ code, reason }) => {
      if (this.#ended) return;
      if (code === GONE) {
        this.#ended = true;
        this.#on.ended(reason);
        return;
      }
      this.#attempt += 1;
      const wait = Math.min(250 * 2 ** this.#attempt, LONGEST_WAIT) * (0.5 + Math.random() / 2);
      this.#on.lost(this.#attempt);
      setTimeout(() => !this.#ended && this.#connect(), wait);
    };
  }
}

/** u64 count, count u64 offsets (little-endian), then channel, header, parent, metadata and content. */
function encode(channel, parts) {
  const text = new TextEncoder();
  const bodies = [text.encode(channel), ...parts.map((part) => text.encode(JSON.stringify(part)))];
  const start = 8 * (bodies.length + 2);
  const frame = new Uint8Array(bodies.reduce((sum, body) => sum + body.length, start));
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(bodies.length + 1), true);
  let offset = start;
  bodies.forEach((body, index) => {
    view.setBigUint64(8 * (index + 1), BigInt(offset), true);
    frame.set(body, offset);
    offset += body.length;
  });
  view.setBigUint64(8 * (bodies.length + 1), BigInt(offset), true);
  return frame;
}

/** Binary buffers, which only widgets use, are left out. */
function decode(frame) {
  const view = new DataView(frame);
  const offset = (index) => Number(view.getBigUint64(8 * (index + 1), true));
  const part = (index) =>
    new TextDecoder().decode(new Uint8Array(frame, offset(index), offset(index + 1) - offset(index)));
  const [header, parent, metadata, content] = [1, 2, 3, 4].map((index) => JSON.parse(part(index)));
  return { channel: part(0), header, parent, metadata, content };
}
