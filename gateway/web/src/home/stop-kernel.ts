/** Ends a worksheet's kernel from the list: the worksheet is opened for the time of one command. Loaded when it is needed. */
import * as Y from 'yjs';
import { Connection } from '../line/connection.ts';
import { socketAddress } from '../shared/root.ts';

/** Milliseconds. */
const PATIENCE = 15_000;

/** Throws with the gateway's reason, or with none when it does not answer. */
export async function stopKernel(id: string): Promise<void> {
  const connection = new Connection(socketAddress('api/worksheets/socket'), id, new Y.Doc());
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE, undefined));
  try {
    const answer = await Promise.race([connection.command({ do: 'stop' }), late]);
    if (answer?.say !== 'done') throw new Error(answer?.say === 'refused' ? answer.message : '');
  } finally {
    connection.close();
  }
}
