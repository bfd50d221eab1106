/** Puts the code that is run into the audit log, for kernels whose policy wants that. */
import type { AuditSink } from '../base/audit.ts';
import type { KernelId, UserId } from '../base/ids.ts';
import type { KernelConnection } from './contract.ts';

/** Characters of one cell; longer ones are cut and say so. */
const LONGEST = 65_536;
/** How the gateway names itself in messages of worksheets, whose people it knows and the kernel does not. */
const GATEWAY = 'carrel';

/** A Jupyter client's code is its owner's. That of a worksheet may be run by whoever has a share in it: `by` says so. */
export function recordingCode(
  connection: KernelConnection,
  audit: AuditSink,
  { owner, id }: { readonly owner: UserId; readonly id: KernelId },
): KernelConnection {
  return {
    closed: () => connection.closed(),
    receive: (message) => {
      if (message.header.msg_type === 'execute_request') {
        const { code } = message.content;
        const text = typeof code === 'string' ? code : '';
        const worksheet = message.header['username'] === GATEWAY;
        const details = {
          by: worksheet ? 'worksheet' : 'client',
          code: text.slice(0, LONGEST),
          ...(text.length > LONGEST ? { characters: text.length } : {}),
        };
        const who = worksheet ? {} : { actor: owner };
        audit.record({ event: 'code.run', via: 'system', ...who, subject: `kernel:${id}`, details });
      }
      return connection.receive(message);
    },
  };
}
