/** The key that a gateway begins every connection to a sandbox with (AF9). Pure. */
import { createHmac } from 'node:crypto';
import type { SandboxId } from '../base/ids.ts';

/** HMAC-SHA256 of the sandbox's id under the gateway's secret, so that it need not be stored. */
export function sandboxKey(secret: Buffer, sandbox: SandboxId): Buffer {
  const key = createHmac('sha256', secret).update(`carrel sandbox ${sandbox}`).digest();
  key[0] = (key[0] ?? 0) | 0x81;
  return key;
}
