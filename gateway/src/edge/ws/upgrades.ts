/** Accepts or refuses every upgrade of the HTTP server: host, person, kernel or worksheets, then the WebSocket. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { channelsOf } from '../../auth/authenticate.ts';
import type { Principal } from '../../auth/principal.ts';
import { readFacts } from '../../auth/request-facts.ts';
import { CarrelError } from '../../base/errors.ts';
import { REQUEST_ID, requestIdOf, withRequest } from '../../base/request-context.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { countAddress, requirePlain } from '../http/request-limits.ts';
import { KernelSocket } from './kernel-socket.ts';
import { negotiate, V1_PROTOCOL } from './negotiate.ts';
import { OpenSockets } from './open-sockets.ts';
import { refuse } from './refuse.ts';
import { WorksheetSocket } from './worksheet-socket.ts';

/** Jupyter's clients accept 100 MiB and more; the relay bounds what it keeps. */
const LARGEST_FRAME = 128 * 1024 * 1024;
const LONGEST_SESSION_ID = 256;
/** A change of a worksheet's document; what is larger comes as a notebook file. */
const LARGEST_CHANGE = 8 * 1024 * 1024;

/** Takes over the server's upgrades; the answer is for closing them all when the gateway stops. */
export function acceptUpgrades(server: Server, deps: EdgeDeps): OpenSockets {
  const open = new OpenSockets(deps.authenticator, deps.clock, deps.logger);
  deps.accounts.onEnded(() => void open.recheck());
  const websockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_FRAME,
    perMessageDeflate: false,
    /** Servers in front relay binary messages in text frames, which are then not UTF-8; the decoder recognises them. */
    skipUTF8Validation: true,
    clientTracking: false,
    handleProtocols: (offered) => (negotiate(offered) === 'v1' ? V1_PROTOCOL : false),
  });

  const worksheetSockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_CHANGE,
    perMessageDeflate: false,
    clientTracking: false,
  });

  const openWorksheets = (request: IncomingMessage, socket: Duplex, head: Buffer, principal: Principal) => {
    worksheetSockets.handleUpgrade(request, socket, head, (websocket) => {
      const client = new WorksheetSocket(websocket, socket, deps.clock, deps.logger);
      client.attach(deps.rooms.connect(principal, request, client));
      open.add(client, principal);
      websocket.once('close', () => open.remove(client));
      deps.logger.info({ user: principal.name }, 'socket of worksheets opened');
    });
  };

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requirePlain(request);
    await countAddress(deps, request);
    const facts = readFacts(request);
    deps.site.checkHost(facts);
    const principal = await deps.authenticator.authenticate(facts, 'upgrade');
    const worksheets = facts.path === `${deps.base}/api/worksheets/socket`;
    const kernel = facts.path.startsWith(`${deps.base}/api/kernels/`) ? channelsOf(facts.path) : undefined;
    if (kernel === undefined && !worksheets)
      throw new CarrelError('not_found', 'there is no WebSocket at this address');
    if (kernel !== undefined) deps.kernels.get(principal.user, kernel);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket')
      throw new CarrelError('bad_request', 'Can "Upgrade" only to "WebSocket".');
    open.requirePlace(principal.user);
    if (kernel === undefined) return openWorksheets(request, socket, head, principal);
    const session = facts.query.get('session_id')?.slice(0, LONGEST_SESSION_ID) || undefined;
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      const format = websocket.protocol === '' ? 'default' : 'v1';
      const client = new KernelSocket(websocket, socket, format, deps.clock, deps.logger);
      try {
        client.attach(deps.kernels.connect(principal.user, kernel, client, session));
      } catch (error) {
        deps.logger.warn({ err: error, kernel }, 'a socket could not be connected to its kernel');
        client.close(1011, 'the kernel cannot be reached');
        return;
      }
      open.add(client, principal);
      websocket.once('close', () => open.remove(client));
      deps.logger.info({ kernel, user: principal.name, format: websocket.protocol || 'default' }, 'socket opened');
    });
  };

  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const fail = (error: Error) => deps.logger.debug({ err: error }, 'a connection failed');
    socket.on('error', fail);
    socket.setNoDelay(true);
    const refused = (thrown: unknown) => {
      const error = refuse(socket, thrown);
      const fields = { path: request.url?.split('?')[0], status: error.http };
      if (error.http >= 500) deps.logger.error({ ...fields, err: error.cause ?? error }, 'upgrade failed');
      else deps.logger.info(fields, `upgrade refused: ${error.message}`);
    };
    withRequest(requestIdOf(request.headers[REQUEST_ID]), () => void accept(request, socket, head).catch(refused));
  });
  return open;
}
