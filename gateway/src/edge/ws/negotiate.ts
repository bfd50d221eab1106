/** Which of the two message formats a WebSocket speaks. Pure. */
export const V1_PROTOCOL = 'v1.kernel.websocket.jupyter.org';

export type WireFormat = 'v1' | 'default';

/**
 * v1 where the client offers it, possibly among others; otherwise the default format, which has no name and is selected by
 * selecting nothing. Clients take a name that they do not know for a failure, so none is ever selected.
 */
export const negotiate = (offered: Iterable<string>): WireFormat =>
  [...offered].includes(V1_PROTOCOL) ? 'v1' : 'default';
