/** A Unix socket in front of the engine's that can be taken away and put back: an engine that is gone, without ending one. */
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class EngineProxy implements AsyncDisposable {
  readonly path: string;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
  }

  async start(): Promise<void> {
    await rm(this.path, { force: true });
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const engine = connect({ path: this.#target, allowHalfOpen: true });
      for (const [one, other] of [
        [client, engine],
        [engine, client],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => this.#sockets.delete(one));
        one.pipe(other);
      }
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(this.path, done));
  }

  /** Takes the socket away and cuts every connection through it. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((done) => server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await rm(this.path, { force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
