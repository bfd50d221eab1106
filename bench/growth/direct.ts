/**
 * The simulated kernel behind a WebSocket of its own, with nothing between: the floor that a round trip through gateway and
 * warden is compared with. Answers the two requests that a client of the benchmark makes.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { readV1 } from '../../gateway/src/wire/jupyter-v1.ts';
import { answer, kernelMessage } from './simulated-kernel.ts';

const server = createServer((_, response) => void response.writeHead(201).end(JSON.stringify({ id: 'direct' })));
const sockets = new WebSocketServer({ server, perMessageDeflate: false, skipUTF8Validation: true });
sockets.on('connection', (socket, { socket: network }) => {
  network.setNoDelay(true);
  socket.on('message', (data: Buffer) => {
    const request = readV1(data);
    if (request === undefined) return;
    network.cork();
    answer(
      request,
      (channel, type, parent, content) => {
        network.cork();
        socket.send(kernelMessage(channel, type, parent, content).toV1());
      },
      () => {
        while (network.writableCorked > 0) network.uncork();
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.once('disconnect', () => process.exit());
