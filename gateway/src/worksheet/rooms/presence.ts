/**
 * What a page says about its person (where their cursor is), before Hocuspocus passes it on to everybody: a socket speaks for its
 * own client only, under the name of the person who signed in. Pure.
 */
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { AWARENESS } from './frame.ts';

/**
 * `bytes`: a frame that `readFrame` has accepted. Answers it as it is where it is about something else, and undefined where nothing
 * of it may be said. `speaks`: whether the socket speaks for this client; pages also send back what they heard of others.
 */
export function ownPresence(
  bytes: Uint8Array,
  name: string,
  speaks: (client: number) => boolean,
): Uint8Array | undefined {
  const decoder = createDecoder(bytes);
  const document = readVarString(decoder);
  if (readVarUint(decoder) !== AWARENESS) return bytes;
  const told = statesIn(readVarUint8Array(decoder)).flatMap(({ client, clock, state }): ClientState[] => {
    if (!speaks(client)) return [];
    if (state === null) return [{ client, clock, state }];
    const isRecord = typeof state === 'object' && !Array.isArray(state);
    return isRecord ? [{ client, clock, state: { ...state, user: { name } } }] : [];
  });
  if (told.length === 0) return undefined;
  const content = createEncoder();
  writeVarUint(content, told.length);
  for (const { client, clock, state } of told) {
    writeVarUint(content, client);
    writeVarUint(content, clock);
    writeVarString(content, JSON.stringify(state));
  }
  const frame = createEncoder();
  writeVarString(frame, document);
  writeVarUint(frame, AWARENESS);
  writeVarUint8Array(frame, toUint8Array(content));
  return toUint8Array(frame);
}

interface ClientState {
  readonly client: number;
  readonly clock: number;
  /** Null for one that leaves. */
  readonly state: unknown;
}

function statesIn(content: Uint8Array): ClientState[] {
  const decoder = createDecoder(content);
  const states: ClientState[] = [];
  for (let left = readVarUint(decoder); left > 0; left -= 1)
    states.push({
      client: readVarUint(decoder),
      clock: readVarUint(decoder),
      state: JSON.parse(readVarString(decoder)),
    });
  return states;
}
