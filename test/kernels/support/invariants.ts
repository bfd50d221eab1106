/** What holds for the messages of any kernel, whatever it runs (https://jupyter-client.readthedocs.io/en/stable/messaging.html). */
import type { Message } from '../../support/jupyter.ts';

/**
 * One line per violation. `requests` are the ids of all requests that have been answered; `without` those to which no reply belongs.
 */
export function violations(
  messages: readonly Message[],
  requests: ReadonlySet<string>,
  without: ReadonlySet<string> = new Set(),
): string[] {
  const found: string[] = [];
  const ids = new Set<string>();
  for (const { header, parent_header: parent } of messages) {
    if (ids.has(header.msg_id)) found.push(`${header.msg_type} ${header.msg_id} came twice`);
    ids.add(header.msg_id);
    if (parent.msg_id === undefined ? header.msg_type !== 'status' : !requests.has(parent.msg_id))
      found.push(`${header.msg_type} has the parent ${parent.msg_id}, which nobody sent`);
  }
  const byParent = Map.groupBy(messages, (message) => message.parent_header.msg_id);
  for (const id of requests) found.push(...ofRequest(id, byParent.get(id) ?? [], without.has(id) ? 0 : 1));
  return found;
}

function ofRequest(id: string, messages: readonly Message[], expected: number): string[] {
  const found: string[] = [];
  const replies = messages.filter(
    (message) => message.channel !== 'iopub' && message.header.msg_type.endsWith('_reply'),
  );
  if (replies.length !== expected) found.push(`${id} has ${replies.length} replies instead of ${expected}`);
  const iopub = messages.filter((message) => message.channel === 'iopub');
  const states = iopub.filter((message) => message.header.msg_type === 'status');
  const named = states.map((message) => message.content.execution_state).join();
  /** Where the kernel's end was asked for, what it had still to say is dropped: the gateway answers in its place, perhaps before `busy`. */
  const cut = named === 'idle' && replies.some((message) => message.content.ename === 'KernelRestarted');
  if (named !== 'busy,idle' && !cut) found.push(`${id} has the states ${named}`);
  if (iopub[0] !== states[0] && !cut) found.push(`${id}: ${iopub[0]?.header.msg_type} came before busy`);
  const after = iopub.slice(iopub.indexOf(states.at(-1) as Message) + 1).map((message) => message.header.msg_type);
  const wrong = after.filter((type) => !LATE.has(type));
  if (wrong.length > 0) found.push(`${id}: ${wrong.join()} came after idle`);
  return found;
}

/** What threads, tasks and child processes of a cell may send after its end. */
const LATE = new Set([
  'stream',
  'display_data',
  'update_display_data',
  'clear_output',
  'comm_msg',
  'comm_open',
  'comm_close',
]);
