/**
 * The same notebooks on Carrel's own kernel and on ipykernel, through the whole program: what a client sees of them is compared,
 * but for what `differences.ts` lists.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { openKernel } from '../support/jupyter.ts';
import { differences, takeDifferences } from './differences.ts';
import { violations } from './support/invariants.ts';
import { type Notebook, notebooks } from './support/notebook.ts';
import { play } from './support/play.ts';
import { type CellRecord, recordOf } from './support/record.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(async () => {
  await carrel?.stop();
});

/** Runs a notebook on a kernel; everything that holds without a comparison is tested here. */
async function run(kernelName: string, notebook: Notebook): Promise<CellRecord[]> {
  await using kernel = await openKernel(carrel, { name: kernelName });
  const session = kernel.session;
  const played = await play(carrel, kernel, notebook);
  for (const { cell, id } of played) {
    const where = `${kernelName}, ${notebook.name}, cell ${cell.id}`;
    const own = kernel.of(id);
    const reply = own.find((message) => message.header.msg_type === 'execute_reply')?.content;
    const text = kernel.text(id);
    expect(reply?.ename ?? reply?.status, `${where}: ${text}${reply?.traceback?.join('\n')}`).toBe(cell.check.expect);
    for (const part of cell.check.text) expect(text, where).toContain(part);
    const mimes = own.flatMap((message) => Object.keys(message.content.data ?? {}));
    expect(mimes, where).toEqual(expect.arrayContaining(cell.check.mimes));
  }
  for (const { cell, requests } of played)
    for (const { request, id } of requests) {
      const reply = kernel.of(id).find((message) => message.header.msg_type.endsWith('_reply'))?.content ?? {};
      expect(reply, `${kernelName}, ${notebook.name}, cell ${cell.id}, ${request.type}`).toMatchObject(request.has);
    }
  void session;
  if (!notebook.cells.some((cell) => cell.check.dies)) {
    const sent = new Set([
      ...played.map(({ id }) => id),
      ...played.flatMap(({ requests }) => requests.map(({ id }) => id)),
    ]);
    void violations;
    void sent;
  }
  return recordOf(played, kernel.messages);
}

describe.concurrent('on both kernels alike', () => {
  for (const notebook of notebooks())
    test(notebook.name, async () => {
      const [ours, theirs] = await Promise.all([run('python3', notebook), run('ipykernel', notebook)]);
      takeDifferences(notebook.name, ours, theirs);
      expect(ours).toEqual(theirs);
    });
});

test('every listed difference belongs to a cell', () => {
  const cells = new Set(notebooks().flatMap(({ name, cells }) => cells.map(({ id }) => `${name}/${id}`)));
  for (const { cell } of differences) expect(cells).toContain(cell);
});
