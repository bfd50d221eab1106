/** Runs a notebook's cells on a kernel as a person's client does: answers questions, interrupts, asks for completions between them. */
import { until } from '../../fault/support/until.ts';
import { type Kernel, type Message, rest, type Server } from '../../support/jupyter.ts';
import type { Cell, CellRequest, Notebook } from './notebook.ts';

/** What came of one cell, as the kernel sent it. */
export interface Played {
  readonly cell: Cell;
  readonly id: string;
  readonly questions: readonly Message[];
  readonly requests: readonly { readonly request: CellRequest; readonly id: string }[];
}

export interface Session {
  readonly cells: readonly Played[];
  /** Every request's msg_id. */
  readonly sent: ReadonlySet<string>;
  /** Those to which the protocol has no reply. */
  readonly withoutReply: ReadonlySet<string>;
}

const LIMIT_MS = 60_000;

/** `askingMs`: so long a kernel may take, after its question has come, until it waits for the answer. */
export async function play(server: Server, kernel: Kernel, notebook: Notebook, askingMs = 0): Promise<Session> {
  const cells: Played[] = [];
  const extra: string[] = [];
  let together: { cell: Cell; id: string }[] = [];
  for (const cell of notebook.cells) {
    const { check } = cell;
    const id = kernel.execute(cell.code, { allow_stdin: check.answers !== undefined, ...check.options });
    together.push({ cell, id });
    if (check.together) continue;
    for (const sent of together) {
      const questions = await attend(server, kernel, sent.cell, sent.id, extra, askingMs).catch((error: Error) => {
        throw new Error(`cell ${sent.cell.id}: ${error.message}`, { cause: error });
      });
      cells.push({ ...sent, questions, requests: await ask(kernel, sent.cell) });
    }
    together = [];
  }
  extra.push((await kernel.run('', { silent: true })).id);
  const requests = cells.flatMap((played) => played.requests);
  const comms = requests.filter(({ request }) => /^comm_(?:open|msg|close)$/.test(request.type));
  return {
    cells,
    sent: new Set([...cells, ...requests].map(({ id }) => id).concat(extra)),
    withoutReply: new Set(comms.map(({ id }) => id)),
  };
}

/** Until the cell has been answered and is idle, and what it said it would still print is there. */
async function attend(
  server: Server,
  kernel: Kernel,
  cell: Cell,
  id: string,
  extra: string[],
  askingMs: number,
): Promise<Message[]> {
  const { check } = cell;
  const begun = kernel.messages.length;
  for (const text of check.interruptAfter) {
    await kernel.until(`"${text}"`, () => kernel.text(id).includes(text), LIMIT_MS);
    await interrupt(server, kernel);
    if (check.nudge) extra.push(...(await nudge(server, kernel, id)));
  }
  const questions = await answer(server, kernel, cell, id, askingMs);
  await kernel.reply(id, LIMIT_MS);
  if (check.dies) await otherProcess(server, kernel, begun);
  else await kernel.idle(id, LIMIT_MS);
  const { await: late } = check;
  if (late !== undefined) await kernel.until(`"${late}"`, () => kernel.text(id).includes(late), LIMIT_MS);
  return questions;
}

/** Sends requests, and now and then another interrupt, until the cell is answered. Answers the requests' ids. */
async function nudge(server: Server, kernel: Kernel, id: string): Promise<string[]> {
  const sent: string[] = [];
  const end = Date.now() + LIMIT_MS;
  while (kernel.of(id, 'execute_reply').length === 0 && Date.now() < end) {
    sent.push(kernel.send('shell', 'comm_info_request', {}));
    await new Promise((next) => setTimeout(next, 200));
    if (sent.length % NUDGES === 0) await interrupt(server, kernel);
  }
  return sent;
}

const NUDGES = 10;

async function interrupt(server: Server, kernel: Kernel): Promise<void> {
  const { status, text } = await rest(server, 'POST', `/api/kernels/${kernel.id}/interrupt`);
  if (status !== 204) throw new Error(`expected 204 from an interrupt, got ${status}: ${text}`);
}

async function answer(server: Server, kernel: Kernel, cell: Cell, id: string, askingMs: number): Promise<Message[]> {
  const questions: Message[] = [];
  const { answers = [], interruptQuestion } = cell.check;
  for (const value of [...answers, ...(interruptQuestion ? [undefined] : [])]) {
    const asked = ({ header, parent_header: parent }: Message) =>
      header.msg_type === 'input_request' && parent.msg_id === id;
    const question = await kernel.until(
      'question',
      (message) => asked(message) && !questions.includes(message),
      LIMIT_MS,
    );
    questions.push(question);
    if (value === undefined) {
      await new Promise((next) => setTimeout(next, askingMs));
      await interrupt(server, kernel);
    } else kernel.send('stdin', 'input_reply', { status: 'ok', value });
  }
  return questions;
}

/** Until the process that ended has been replaced; `begun` is the number of messages before its end. */
async function otherProcess(server: Server, kernel: Kernel, begun: number): Promise<void> {
  const restarting = (message: Message) => /restarting/.test(message.content.execution_state ?? '');
  await kernel.until(
    'a restart',
    (message) => restarting(message) && kernel.messages.indexOf(message) >= begun,
    LIMIT_MS,
  );
  const answers = async () => (await rest(server, 'GET', `/api/kernels/${kernel.id}`)).json.execution_state === 'idle';
  await until('the new process answers', answers, LIMIT_MS);
}

async function ask(kernel: Kernel, cell: Cell): Promise<Played['requests']> {
  const sent: { request: CellRequest; id: string }[] = [];
  for (const request of cell.check.requests) {
    const content = JSON.parse(withWidget(JSON.stringify(request.content), kernel.messages));
    const id = kernel.send(request.channel, request.type, content);
    if (request.reply) await kernel.reply(id, LIMIT_MS);
    await kernel.idle(id, LIMIT_MS);
    sent.push({ request, id });
  }
  return sent;
}

/** Puts the model of the widget that was shown last in place of "⟨last widget⟩". */
function withWidget(text: string, messages: readonly Message[]): string {
  if (!text.includes('⟨last widget⟩')) return text;
  const views = messages.flatMap((message) => message.content.data?.[WIDGET_VIEW] ?? []);
  const { model_id: id } = views.at(-1) ?? {};
  if (id === undefined) throw new Error('expected a widget in the messages, found none');
  return text.replaceAll('⟨last widget⟩', id);
}

const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
