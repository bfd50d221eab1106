/** What stands before the gateways, as a proxy does: each connection waits for one that takes it. Bytes only. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** As the proxy of the Compose stack waits. */
const WAIT_MS = 10_000;
const AGAIN_MS = 100;

export class Front implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = port;
  }

  static async open(ports: readonly number[]): Promise<Front> {
    const sockets = new Set<Socket>();
    const keep = (socket: Socket) => {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    };
    let turn = 0;
    const server = createServer((client) => {
      keep(client);
      turn += 1;
      const until = Date.now() + WAIT_MS;
      let tried = turn;
      const tryNext = () => {
        if (Date.now() > until || client.destroyed) return client.destroy();
        tried += 1;
        const port = ports[tried % ports.length] ?? 0;
        const gateway = connect(port, '127.0.0.1');
        const again = () => void setTimeout(tryNext, AGAIN_MS);
        gateway.once('error', again);
        gateway.once('connect', () => {
          gateway.off('error', again);
          keep(gateway);
          client.pipe(gateway).pipe(client);
          client.once('close', () => gateway.destroy());
          gateway.once('close', () => client.destroy());
        });
        return undefined;
      };
      tryNext();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Front(server, sockets, address.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}
