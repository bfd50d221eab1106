import type { KernelMessage } from '../../wire/kernel-message.ts';
import type { WireFormat } from './negotiate.ts';
export function decodeFrame(format: WireFormat, data: Buffer, binary: boolean): KernelMessage | undefined {
  throw new Error(`${format} ${data.length} ${binary}`);
}
export const encodeFrame = (format: WireFormat, message: KernelMessage): string | Buffer =>
  format === 'v1' ? message.toV1() : message.toDefault();
