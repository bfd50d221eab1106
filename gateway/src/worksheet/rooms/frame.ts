/**
 * Reads a client's message before Hocuspocus does, which answers what it cannot read on the console, says "saved" to an update
 * that it could not apply, and passes on to everybody what one client asks it to. Pure.
 */
import { createDecoder, hasContent, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { decodeStateVector, decodeUpdate } from 'yjs';

/** The kinds that a client may send (MessageType of @hocuspocus/server). */
const KIND = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, syncReply: 4, stateless: 5, close: 7 } as const;
export const AWARENESS = KIND.awareness;
const SYNC_STEP_1 = 0;
const SYNC_STEP_2 = 1;
const SYNC_UPDATE = 2;
/** Bytes; a name, a colour and a cursor. */
const LARGEST_AWARENESS = 64 * 1024;
/** A UUID is shorter. */
const LONGEST_NAME = 64;

type Decoder = ReturnType<typeof createDecoder>;

/** The document that the message is about. Throws where it is no message that a client may send. */
export function readFrame(bytes: Uint8Array): string {
  const decoder = createDecoder(bytes);
  const document = readVarString(decoder);
  if (document.length > LONGEST_NAME) throw new Error('the name of the document is too long');
  /** Hocuspocus looks names up in plain objects. */
  if (document in Object.prototype) throw new Error('no document has such a name');
  readContent(decoder, readVarUint(decoder));
  return document;
}

/** The document that a message of ours is about. */
export const documentOf = (bytes: Uint8Array): string => readVarString(createDecoder(bytes));

function readContent(decoder: Decoder, kind: number): void {
  switch (kind) {
    case KIND.sync:
    case KIND.syncReply:
      readSync(decoder, readVarUint(decoder));
      return;
    case KIND.awareness:
      readAwareness(readVarUint8Array(decoder));
      return;
    case KIND.auth:
      readVarUint(decoder);
      readVarString(decoder);
      return;
    case KIND.stateless:
    case KIND.close:
      readVarString(decoder);
      return;
    case KIND.queryAwareness:
      return;
    default:
      throw new Error(`a message of the kind ${kind} is not a client's to send`);
  }
}

function readSync(decoder: Decoder, step: number): void {
  const content = readVarUint8Array(decoder);
  if (step === SYNC_STEP_1) decodeStateVector(content);
  else if (step === SYNC_STEP_2 || step === SYNC_UPDATE) decodeUpdate(content);
  else throw new Error(`there is no step ${step} in the synchronisation of a document`);
}

function readAwareness(content: Uint8Array): void {
  if (content.length > LARGEST_AWARENESS) throw new Error('a presence is larger than 64 KiB');
  const decoder = createDecoder(content);
  for (let left = readVarUint(decoder); left > 0; left -= 1) {
    readVarUint(decoder);
    readVarUint(decoder);
    JSON.parse(readVarString(decoder));
  }
  if (hasContent(decoder)) throw new Error('a presence has more than it says');
}
