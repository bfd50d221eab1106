/** All acts of the long run, and those of them that compute and print. */
import type { Act } from './act.ts';
import { asynchronous } from './acts-async.ts';
import { deadly } from './acts-ends.ts';
import { talking } from './acts-talk.ts';

const lines = (count: number, word = 'line') =>
  Array.from({ length: count }, (_, index) => `${word} ${index}\n`).join('');

const computing: readonly Act[] = [
  {
    name: 'expression',
    weight: 20,
    run: async (desk) => {
      const [a, b] = [desk.dice.integer(0, 1e6), desk.dice.integer(0, 1e6)];
      const { messages } = await desk.run(`${a} * ${b}`);
      const result = messages.find((message) => message.header.msg_type === 'execute_result');
      desk.same('result', result?.content.data['text/plain'], String(a * b));
    },
  },
  {
    name: 'prints',
    weight: 20,
    run: async (desk) => {
      const count = desk.dice.integer(1, 400);
      const text = desk.dice.text(desk.dice.integer(0, 80));
      const flush = desk.dice.chance(0.3) ? 'True' : 'False';
      const expected = Array.from({ length: count }, (_, index) => `${index} ${text}\n`).join('');
      await desk.prints(`for i in range(${count}): print(i, ${JSON.stringify(text)}, flush=${flush})`, expected);
    },
  },
  {
    name: 'much output',
    weight: 3,
    run: async (desk) => {
      const [count, length] = [desk.dice.integer(1, 3000), desk.dice.integer(1, 2000)];
      await desk.prints(`for i in range(${count}): print("x" * ${length})`, `${'x'.repeat(length)}\n`.repeat(count));
    },
  },
  {
    name: 'both streams',
    weight: 5,
    run: async (desk) => {
      const count = desk.dice.integer(1, 50);
      const code = `import sys\nfor i in range(${count}): print("out", i); print("err", i, file=sys.stderr)`;
      const { messages } = await desk.run(code);
      for (const [name, word] of [
        ['stdout', 'out'],
        ['stderr', 'err'],
      ] as const) {
        const own = messages.filter(({ header, content }) => header.msg_type === 'stream' && content.name === name);
        desk.same(name, own.map((message) => message.content.text).join(''), lines(count, word));
      }
    },
  },
  {
    name: 'error',
    weight: 12,
    run: async (desk) => {
      const [code, name] = desk.dice.pick([
        ['1/0', 'ZeroDivisionError'],
        ['def f(n):\n    return f(n - 1) if n else undefined\nf(20)', 'NameError'],
        ['def r(): return r()\nr()', 'RecursionError'],
        ['for', 'SyntaxError'],
        ['import sys; sys.exit(3)', 'SystemExit'],
        ['raise KeyboardInterrupt', 'KeyboardInterrupt'],
        ['import nosuchmodule', 'ModuleNotFoundError'],
        ['print("x" * 1000); {}["k"]', 'KeyError'],
      ] as const);
      const { reply, messages } = await desk.run(code);
      desk.same('ename', reply.content.ename, name, code);
      desk.same('errors', messages.filter((message) => message.header.msg_type === 'error').length, 1, code);
    },
  },
  {
    name: 'memory',
    weight: 3,
    run: async (desk) => {
      const size = desk.dice.integer(1, 60);
      await desk.prints(
        `data = bytearray(${size} * 2**20); data[::4096] = b"x" * len(data[::4096]); print(len(data)); del data`,
        `${size * 2 ** 20}\n`,
      );
    },
  },
  {
    name: 'magics',
    weight: 4,
    run: async (desk) => {
      const code = desk.dice.pick([
        '%%bash\necho magic',
        '!echo magic',
        'x = !echo magic\nprint(x[0])',
        '%time print("magic")',
      ]);
      const { reply, text } = await desk.run(code);
      desk.same('status', reply.content.status, 'ok', code, text);
      // A command runs on a terminal, which ends lines its own way.
      desk.same('text', text.replaceAll('\r\n', '\n').startsWith('magic\n'), true, code, text);
    },
  },
  {
    name: 'pictures',
    weight: 2,
    run: async (desk) => {
      const code = 'import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 2)); plt.plot([1, 3, 2]); plt.show()';
      const { messages } = await desk.run(code);
      const picture = messages.find((message) => message.header.msg_type === 'display_data');
      desk.same('a PNG', picture?.content.data['image/png'].slice(0, 8), 'iVBORw0K');
    },
  },
  {
    name: 'displays',
    weight: 8,
    run: async (desk) => {
      const count = desk.dice.integer(1, 30);
      const code = `from IPython.display import display, clear_output
h = display("start", display_id=True)
for i in range(${count}): h.update(i)
clear_output(wait=True)`;
      const { messages } = await desk.run(code);
      const updates = messages.filter((message) => message.header.msg_type === 'update_display_data');
      desk.same(
        'updates',
        updates.map((message) => message.content.data['text/plain']),
        Array.from({ length: count }, (_, i) => String(i)),
      );
      desk.same('clear_output', messages.filter((message) => message.header.msg_type === 'clear_output').length, 1);
    },
  },
  {
    name: 'child processes',
    weight: 4,
    run: async (desk) => {
      const count = desk.dice.integer(1, 300);
      const id = desk.execute(
        `import subprocess\nsubprocess.run("for i in $(seq 0 ${count - 1}); do echo child $i; done", shell=True)`,
      );
      desk.same('status', (await desk.answer(id)).content.status, 'ok');
      await desk.printed(id, `child ${count - 1}\n`);
      desk.same('text', desk.kernel.text(id), lines(count, 'child'));
    },
  },
  {
    name: 'pool of processes',
    weight: 1,
    run: async (desk) => {
      const code =
        'import multiprocessing as mp\nwith mp.get_context("fork").Pool(2) as pool: r = pool.map(abs, range(-3, 0))\nprint(r)';
      const { reply, text } = await desk.run(code);
      desk.same('status', reply.content.status, 'ok', code, text);
      desk.same('result', text.includes('[3, 2, 1]\n'), true, text);
    },
  },
  {
    name: 'lost connection',
    weight: 2,
    run: async (desk) => {
      const count = desk.dice.integer(5, 60);
      const id = desk.execute(`import time\nfor i in range(${count}): print("line", i, flush=True); time.sleep(0.005)`);
      await desk.kernel.until(
        'its first line',
        (message) => message.header.msg_type === 'stream' && message.parent_header.msg_id === id,
      );
      desk.kernel.drop();
      await new Promise((done) => setTimeout(done, desk.dice.integer(0, 400)));
      await desk.kernel.connect();
      await desk.answer(id);
      await desk.answer(desk.request('shell', 'kernel_info_request'));
      desk.forgetRepetitions();
      desk.same('text', desk.kernel.text(id), lines(count));
    },
  },
];

export const acts: readonly Act[] = [...computing, ...talking, ...asynchronous, ...deadly];
