/** What a message says: its content as an object, also where it is none or more than the gateway takes apart. Pure. */
import { JsonBoundError } from './json-scan.ts';
import { readObject } from './message-parts.ts';

const EMPTY: Readonly<Record<string, unknown>> = Object.freeze({});
/** Others are of a known shape, and beyond the bounds they are no message that a kernel would send. */
const DISPLAYS: ReadonlySet<string> = new Set(['display_data', 'execute_result']);

/** Empty for what is no object or is beyond the bounds of json-scan.ts; in the place of such an output stands why it is not shown. */
export function readContent(bytes: Buffer, type: string): Readonly<Record<string, unknown>> {
  try {
    return readObject(bytes) ?? EMPTY;
  } catch (error) {
    if (!(error instanceof JsonBoundError) || !DISPLAYS.has(type)) return EMPTY;
    const text = `[Carrel] This output is too complex to be shown: ${error.message}.`;
    return { data: { 'text/plain': text }, metadata: {} };
  }
}
