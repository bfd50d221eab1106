/** The two formats of `wire/` as one pair of functions. */
import { readDefault } from '../../wire/jupyter-default.ts';
import { readV1 } from '../../wire/jupyter-v1.ts';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import type { WireFormat } from './negotiate.ts';

/** The message of a frame; undefined for one that is to be dropped. Throws where the frame is not of the format. */
export const decodeFrame = (format: WireFormat, frame: Buffer, binary: boolean): KernelMessage | undefined =>
  format === 'v1' ? readV1(frame) : readDefault(frame, binary);

/** A string for a text frame, a buffer for a binary one. */
export const encodeFrame = (format: WireFormat, message: KernelMessage): string | Buffer =>
  format === 'v1' ? message.toV1() : message.toDefault();
