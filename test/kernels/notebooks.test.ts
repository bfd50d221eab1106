/**
 * The same notebooks on Carrel's own kernel and on ipykernel, through the whole program: what a client sees of them is the same, but
 * for what `differences.ts` lists. `normalise.ts` and `record.ts` say what chance may change.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { type Kernel, type Message, openKernel } from '../support/jupyter.ts';
import { differences, expectedOfIpykernel, takeDifferences } from './differences.ts';
import { violations } from './support/invariants.ts';
import { type Cell, type Notebook, notebooks } from './support/notebook.ts';
import { play, type Session } from './support/play.ts';
import { type CellRecord, recordOf } from './support/record.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(async () => {
  await carrel?.stop();
});

const OURS = 'python3';
const THEIRS = 'ipykernel';
/** An interrupt that strikes ipykernel while it sends its question has another message. */
const ASKING_MS = 1000;

/** Runs a notebook on a kernel and tests what holds without a comparison. */
async function run(name: string, notebook: Notebook): Promise<CellRecord[]> {
  await using kernel = await openKernel(carrel, { name });
  const session = await play(carrel, kernel, notebook, name === OURS ? 0 : ASKING_MS).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  });
  for (const played of session.cells) {
    const place = `${notebook.name}/${played.cell.id}`;
    const expected = name === THEIRS ? expectedOfIpykernel(place, played.cell.check.expect) : played.cell.check.expect;
    asTheCellSays(kernel, played.id, played.cell, expected, `${name}, ${place}`);
    for (const { request, id } of played.requests) {
      const reply = kernel.of(id).find((message) => message.header.msg_type.endsWith('_reply'))?.content ?? {};
      if (name === OURS) expect(reply, `${name}, ${place}, ${request.type}`).toMatchObject(request.has);
    }
  }
  if (name === OURS) expect(broken(kernel, notebook, session)).toEqual([]);
  return recordOf(session.cells, name === OURS ? kernel.messages : inputFirst(kernel.messages));
}

/** Ipykernel's threads race: what a cell prints at once may come ahead of its text, and both ahead of "busy". */
const inputFirst = (messages: readonly Message[]): Message[] =>
  [...Map.groupBy(messages, ({ parent_header: parent }) => parent.msg_id).values()].flatMap((own) =>
    own.toSorted((one, other) => rank(one) - rank(other)),
  );

function rank({ header, content }: Message): number {
  if (header.msg_type === 'status' && content.execution_state === 'busy') return 0;
  return header.msg_type === 'execute_input' ? 1 : 2;
}

function asTheCellSays(kernel: Kernel, id: string, cell: Cell, expected: string, where: string): void {
  const reply = kernel.of(id).find((message) => message.header.msg_type === 'execute_reply')?.content;
  const text = kernel.text(id);
  expect(reply?.ename ?? reply?.status, `${where}: ${text}${reply?.traceback?.join('\n')}`).toBe(expected);
  for (const part of cell.check.text) expect(text, where).toContain(part);
  const mimes = kernel.of(id).flatMap((message) => Object.keys(message.content.data ?? {}));
  expect(mimes, where).toEqual(expect.arrayContaining(cell.check.mimes));
}

/** Of a kernel that ends there is more to be said than of one request (test/fault has it). */
function broken(kernel: Kernel, notebook: Notebook, { sent, withoutReply }: Session): string[] {
  if (notebook.cells.some((cell) => cell.check.dies)) return [];
  return violations(kernel.messages, sent, withoutReply);
}

describe.concurrent('on both kernels alike', () => {
  for (const notebook of notebooks())
    test(notebook.name, async () => {
      const [ours, theirs] = await Promise.all([run(OURS, notebook), run(THEIRS, notebook)]);
      takeDifferences(notebook.name, ours, theirs);
      expect(ours).toEqual(theirs);
    });
});

test('every listed difference belongs to a cell', () => {
  const cells = new Set(notebooks().flatMap(({ name, cells: all }) => all.map(({ id }) => `${name}/${id}`)));
  for (const { cell } of differences) expect(cells).toContain(cell);
});
