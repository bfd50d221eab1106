/** Acts of the long run in which something goes on beside or after a cell, or is interrupted. */
import type { Act } from './act.ts';
import type { Desk } from './desk.ts';

/** Each prints "go" when it is under way. */
const ENDLESS = [
  'import time\nprint("go", flush=True)\ntime.sleep(60)',
  'print("go", flush=True)\nwhile True: pass',
  'import numpy as np\na = np.ones((200, 200))\nprint("go", flush=True)\nwhile True: a @ a',
  'print("go", flush=True)\nwhile True: sum(range(10**6))',
  'import asyncio\nprint("go", flush=True)\nawait asyncio.sleep(60)',
  'import threading\nprint("go", flush=True)\nthreading.Event().wait()',
  'import subprocess\nprint("go", flush=True)\nsubprocess.run(["sleep", "60"])',
  'print("go", flush=True)\ninput("never answered")',
  'def f(n): return f(n - 1) if n else 0\nprint("go", flush=True)\nwhile True: f(500)',
];

const linesOf = (words: readonly string[]): string[] => [...words].sort();

async function interrupted(desk: Desk, id: string): Promise<void> {
  const reply = await desk.answer(id);
  desk.same('ename', reply.content.ename, 'KeyboardInterrupt', desk.kernel.text(id));
}

export const asynchronous: readonly Act[] = [
  {
    name: 'interrupt',
    weight: 8,
    run: async (desk) => {
      const id = desk.execute(desk.dice.pick(ENDLESS), { allow_stdin: true });
      await desk.printed(id, 'go');
      await new Promise((done) => setTimeout(done, desk.dice.integer(0, 60)));
      await desk.interrupt();
      await interrupted(desk, id);
    },
  },
  {
    name: 'interrupt of a cell that prints',
    weight: 4,
    run: async (desk) => {
      const id = desk.execute('i = 0\nwhile True:\n    print("line", i)\n    i += 1');
      await desk.printed(id, 'line');
      await new Promise((done) => setTimeout(done, desk.dice.integer(0, 100)));
      await desk.interrupt();
      await interrupted(desk, id);
      const text = desk.kernel.text(id);
      const whole = text.split('\n').slice(0, -1);
      const wrong = whole.findIndex((line, index) => line !== `line ${index}`);
      desk.same('first line out of place', wrong === -1 ? undefined : [wrong, whole[wrong]], undefined);
      const { text: counted } = await desk.run('print(i)');
      desk.same('lines', Math.abs(Number(counted) - whole.length) <= 1, true, counted, whole.length);
    },
  },
  {
    name: 'interrupt with nothing to interrupt',
    weight: 2,
    run: async (desk) => {
      await desk.interrupt();
      await desk.prints('print("alive")', 'alive\n');
    },
  },
  {
    name: 'interrupt with cells waiting',
    weight: 2,
    run: async (desk) => {
      const id = desk.execute('import time\nprint("go", flush=True)\ntime.sleep(60)');
      const waiting = desk.execute('print("never")');
      await desk.printed(id, 'go');
      await desk.interrupt();
      await interrupted(desk, id);
      desk.same('the waiting cell', (await desk.answer(waiting)).content.status, 'aborted');
    },
  },
  {
    name: 'task between cells',
    weight: 5,
    run: async (desk) => {
      const count = desk.dice.integer(1, 20);
      const code = `import asyncio
async def later():
    for i in range(${count}): await asyncio.sleep(0.002); print("task", i)
task = asyncio.create_task(later())`;
      const id = desk.execute(code);
      await desk.answer(id);
      await desk.prints('print("meanwhile")', 'meanwhile\n');
      await desk.printed(id, `task ${count - 1}\n`);
      desk.same('text', desk.kernel.text(id), Array.from({ length: count }, (_, i) => `task ${i}\n`).join(''));
      await desk.prints('await task', '');
    },
  },
  {
    name: 'threads after the cell',
    weight: 5,
    run: async (desk) => {
      const [threads, count] = [desk.dice.integer(1, 4), desk.dice.integer(1, 30)];
      const code = `import threading, time, sys
def work(n):
    for i in range(${count}): sys.stdout.write(f"thread {n} {i}\\n"); time.sleep(0.001)
threads = [threading.Thread(target=work, args=(n,)) for n in range(${threads})]
for t in threads: t.start()`;
      const id = desk.execute(code);
      await desk.answer(id);
      await desk.prints('print("next")\nfor t in threads: t.join()', 'next\n');
      const expected = Array.from({ length: threads }, (_, n) =>
        Array.from({ length: count }, (_, i) => `thread ${n} ${i}`),
      ).flat();
      for (const line of expected) await desk.printed(id, `${line}\n`);
      desk.same('lines', linesOf(desk.kernel.text(id).split('\n').slice(0, -1)), linesOf(expected));
    },
  },
];
