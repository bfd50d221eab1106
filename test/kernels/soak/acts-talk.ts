/** Acts of the long run that talk with the kernel: questions, comms, bursts of requests, queues. */
import { randomUUID } from 'node:crypto';
import type { Act } from './act.ts';
import type { Desk } from './desk.ts';

const REQUESTS: readonly (readonly [type: string, content: object])[] = [
  ['complete_request', { code: 'import collections; collections.Ord', cursor_pos: 35 }],
  ['complete_request', { code: 'pri', cursor_pos: 3 }],
  ['inspect_request', { code: 'print', cursor_pos: 5, detail_level: 0 }],
  ['is_complete_request', { code: 'def f():' }],
  ['kernel_info_request', {}],
  ['comm_info_request', {}],
  ['history_request', { output: false, raw: true, hist_access_type: 'tail', n: 5 }],
  ['history_request', { output: true, raw: true, hist_access_type: 'search', pattern: '*', n: 3 }],
];

export const talking: readonly Act[] = [
  {
    name: 'input',
    weight: 6,
    run: async (desk) => {
      const text = desk.dice.text(desk.dice.integer(0, 60));
      const secret = desk.dice.chance(0.3);
      const question = secret ? '__import__("getpass").getpass("q: ")' : 'input("q: ")';
      const id = desk.execute(`print(ascii(${question}))`, { allow_stdin: true });
      const asked = await desk.kernel.until(
        'question',
        (message) => message.header.msg_type === 'input_request' && message.parent_header.msg_id === id,
      );
      desk.same('question', asked.content, { prompt: 'q: ', password: secret });
      desk.kernel.send('stdin', 'input_reply', { status: 'ok', value: text });
      desk.same('status', (await desk.answer(id)).content.status, 'ok');
      desk.same('answer', desk.kernel.text(id), `${ascii(text)}\n`);
    },
  },
  {
    name: 'comm',
    weight: 6,
    run: async (desk) => {
      await desk.prints(
        `def opened(comm, message):
    @comm.on_msg
    def echo(message): comm.send(message["content"]["data"], buffers=[bytes(b)[::-1] for b in message["buffers"]])
get_ipython().kernel.comm_manager.register_target("echo", opened)`,
        '',
      );
      const comm_id = randomUUID().replaceAll('-', '');
      await desk.kernel.idle(desk.request('shell', 'comm_open', { comm_id, target_name: 'echo', data: {} }));
      for (let n = desk.dice.integer(1, 8); n > 0; n -= 1) {
        const data = { n, text: desk.dice.text(20) };
        const bytes = Buffer.alloc(desk.dice.integer(0, 100_000), desk.dice.integer(0, 255));
        const id = desk.request('shell', 'comm_msg', { comm_id, data }, [bytes]);
        await desk.kernel.idle(id);
        const echo = desk.kernel.of(id, 'comm_msg')[0];
        desk.same('echo', echo?.content, { data, comm_id });
        desk.same('buffer', echo?.buffers[0]?.equals(bytes.reverse()), true);
      }
      await desk.kernel.idle(desk.request('shell', 'comm_close', { comm_id, data: {} }));
    },
  },
  {
    name: 'burst',
    weight: 10,
    run: async (desk) => {
      const sent = Array.from({ length: desk.dice.integer(1, 25) }, () => {
        if (desk.dice.chance(0.4)) return desk.execute(`burst = ${desk.dice.integer(0, 9)}\nburst`);
        const [type, content] = desk.dice.pick(REQUESTS);
        return desk.request(
          type === 'kernel_info_request' && desk.dice.chance(0.5) ? 'control' : 'shell',
          type,
          content,
        );
      });
      for (const id of sent) await desk.answer(id);
      inOrder(desk, sent);
    },
  },
  {
    name: 'control while a cell runs',
    weight: 4,
    run: async (desk) => {
      const id = desk.execute(
        'print("go", flush=True)\nimport time\nend = time.time() + 5\nstop = False\nwhile time.time() < end: sum(range(1000))',
      );
      await desk.printed(id, 'go');
      const info = desk.request('control', 'kernel_info_request');
      await desk.answer(info);
      desk.same('the cell runs while control is answered', desk.kernel.of(id, 'execute_reply').length, 0);
      await desk.interrupt();
      desk.same('ename', (await desk.answer(id)).content.ename, 'KeyboardInterrupt');
    },
  },
  {
    name: 'queue with an error in it',
    weight: 5,
    run: async (desk) => {
      const before = desk.execute('queued = 1');
      const wrong = desk.execute('1/0');
      const after = Array.from({ length: desk.dice.integer(1, 5) }, () => desk.execute('queued = 2; print("never")'));
      desk.same('before', (await desk.answer(before)).content.status, 'ok');
      desk.same('wrong', (await desk.answer(wrong)).content.status, 'error');
      // What had not arrived when the error was answered runs: nobody can know when it was sent.
      const statuses: string[] = [];
      for (const id of after) statuses.push((await desk.answer(id)).content.status);
      const ran = statuses.includes('ok') ? statuses.slice(statuses.indexOf('ok')) : [];
      desk.same('after', statuses, [...statuses.slice(ran.length).fill('aborted'), ...ran.map(() => 'ok')]);
      await desk.prints('print(queued)', ran.length > 0 ? '2\n' : '1\n');
    },
  },
  {
    name: 'fields of the request',
    weight: 5,
    run: async (desk) => {
      const silent = await desk.run('hidden = 5; hidden', { silent: true });
      desk.same(
        'silent',
        silent.messages.map((message) => message.content.execution_state ?? message.header.msg_type).sort(),
        ['busy', 'execute_reply', 'idle'],
      );
      const { reply } = await desk.run('pass', { user_expressions: { sum: 'hidden + 1', wrong: 'nosuchname' } });
      desk.same('expression', reply.content.user_expressions.sum.data['text/plain'], '6');
      desk.same('wrong expression', reply.content.user_expressions.wrong.status, 'error');
      const count = reply.content.execution_count;
      const { messages } = await desk.run('1', { store_history: false });
      const result = messages.find((message) => message.header.msg_type === 'execute_result');
      desk.same('count', result?.content.execution_count, count + 1);
      desk.same('the next count', (await desk.run('1')).reply.content.execution_count, count + 1);
    },
  },
];

/** Python's ascii() of what the dice write. */
function ascii(text: string): string {
  const escaped = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 128) return letter;
    if (code < 256) return `\\x${code.toString(16)}`;
    return code < 65536 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `'${escaped.join('')}'`;
}

/** Replies on the shell channel come in the order of their requests. */
function inOrder(desk: Desk, sent: readonly string[]): void {
  const replies = desk.kernel.messages
    .filter((message) => message.channel === 'shell')
    .map((message) => message.parent_header.msg_id ?? '');
  const expected = sent.filter((id) => replies.includes(id));
  desk.same(
    'order of the replies',
    replies.filter((id) => sent.includes(id)),
    expected,
  );
}
