/**
 * A process of simulated sandboxes. `StandInEngine` connects to its Unix socket as the driver for Docker connects to the
 * engine's: the first line says what is asked (`attach ID`, `start ID`, `end ID`); after `attach` the connection is the
 * container's stdin and stdout, each block of output with the engine's header of 8 bytes.
 */
import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { SimulatedAgent } from './simulated-agent.ts';

const agents = new Map<string, SimulatedAgent>();
const [, , path] = process.argv;

/** Output in blocks, as an engine multiplexes it. */
class Blocks extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.push(chunk));
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const head = Buffer.alloc(8);
    head[0] = 1;
    head.writeUInt32BE(chunk.length, 4);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(chunk, done);
    this.#socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end();
    done();
  }
}

function handle(socket: Socket, line: string, rest: Buffer): void {
  const [what = '', id = ''] = line.split(' ');
  let agent = agents.get(id);
  if (what === 'attach') {
    agent ??= new SimulatedAgent();
    agents.set(id, agent);
    socket.write('ok\n');
    if (rest.length > 0) socket.unshift(rest);
    agent.attach(new Blocks(socket));
    return;
  }
  if (what === 'start') agent?.begin();
  if (what === 'end') {
    agent?.end();
    agents.delete(id);
  }
  socket.end('ok\n');
}

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (chunk: Buffer) => {
    const end = chunk.indexOf('\n');
    handle(socket, chunk.toString('latin1', 0, end), chunk.subarray(end + 1));
  });
});
server.listen(path, () => process.send?.('ready'));
process.once('disconnect', () => process.exit());
