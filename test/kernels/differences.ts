/**
 * Where Carrel's kernel and ipykernel rightly differ, and why. Both sides are pinned: `ours` and `theirs` are searched in the JSON of
 * what stands at `path` in the cell's record. An entry that is no longer true fails.
 */
import { expect } from 'vitest';
import type { CellRecord } from './support/record.ts';

export interface Difference {
  /** notebook/cell */
  readonly cell: string;
  /** Keys and indices with dots. */
  readonly path: string;
  readonly ours: RegExp;
  readonly theirs: RegExp;
  readonly why: string;
}

const differ = (why: string, ...entries: [cell: string, path: string, ours: RegExp, theirs: RegExp][]): Difference[] =>
  entries.map(([cell, path, ours, theirs]) => ({ cell, path, ours, theirs, why }));

export const differences: readonly Difference[] = [
  ...differ(
    'an interrupted await is a KeyboardInterrupt, as it is everywhere else; ipykernel cancels, and only at the next message',
    ['asyncio/long-await', 'reply.content', /"KeyboardInterrupt"/, /"CancelledError"/],
    ['asyncio/long-await', 'outputs', /"KeyboardInterrupt"/, /"CancelledError"/],
    ['interrupts/await', 'reply.content', /"KeyboardInterrupt"/, /"CancelledError"/],
    ['interrupts/await', 'outputs', /"KeyboardInterrupt"/, /"CancelledError"/],
    ['interrupts/await-busy', 'reply.content', /"KeyboardInterrupt"/, /"CancelledError"/],
    ['interrupts/await-busy', 'outputs', /"KeyboardInterrupt"/, /"CancelledError"/],
  ),
  ...differ('IPython prints a group to stderr and keeps no traceback; ipykernel replies with that of an earlier cell', [
    'asyncio/group-error',
    'reply.content.traceback',
    /^\[\]$/,
    /CancelledError/,
  ]),
  ...differ('an exception in a callback is told, as asyncio does by itself; ipykernel is silent', [
    'asyncio/exception-in-callback',
    'outputs',
    /Exception in callback <lambda>.*ZeroDivisionError/,
    /^\["busy",\{"type":"execute_input".*\},"idle"\]$/,
  ]),
  ...differ('what a program prints at its end is shown', ['endings/atexit', 'outputs', /"bye\\n"/, /^\["busy",[^b]*/]),
  ...differ(
    'an exception whose str() fails keeps its name',
    ['errors/bad-str', 'reply.content', /BadStr whose str\(\) raised TypeError/, /"ename":"TypeError"/],
    ['errors/bad-str', 'outputs', /BadStr whose str\(\) raised TypeError/, /"ename":"TypeError"/],
  ),
  ...differ(
    'ipykernel runs threads through a function of its own, which their tracebacks show',
    ['errors/thread-error', 'outputs.2.stderr', /ZeroDivisionError/, /ipykernel.*ZeroDivisionError/],
    ['threads/error', 'outputs.0', /in a thread/, /run_closure.*in a thread|in a thread.*run_closure/],
  ),
  ...differ(
    'ipykernel compiles every cell twice',
    ['errors/syntax-warning', 'outputs.2.stderr', /^"cell.py:2: SyntaxWarning/, /^"<>:2: SyntaxWarning/],
    ['errors/invalid-escape', 'outputs.2.stderr', /^"cell.py:1: SyntaxWarning/, /^"<>:1: SyntaxWarning/],
    ['magics/autocall-use', 'outputs.2.stdout', /^"-+> len\('abc'\)\\n"$/, /^"-+> .*-+> /],
  ),
  ...differ(
    'the kernel is another program: its classes and its name are others',
    ['execution/isinstance', 'outputs.2.data.text/plain', /False/, /True/],
    ['execution/kernel-attributes', 'outputs.2.data.text/plain', /False/, /^(?!.*False)/],
    ['execution/kernel-names', 'outputs.2.data.text/plain', /carrel_kernel/, /IPythonKernel/],
    ['execution/ipkernelapp', 'outputs.2.data.text/plain', /False/, /True/],
    ['magics/config-list', 'outputs.2.stdout', /MemoryHistory/, /SandboxKernelApp/],
    ['requests/kernel-info', 'requests', /"implementation":"carrel_kernel"/, /"implementation":"ipython"/],
    ['widgets/widget-repr', 'outputs.2.data.text/plain', /KernelComm/, /BaseComm/],
  ),
  ...differ(
    'there are no ports, so no file that names them',
    ['execution/connection-file', 'outputs.2.stdout', /RuntimeError/, /str/],
    ['magics/connect-info', 'outputs.2.stdout', /has no ports/, /shell_port/],
    ['requests/connect', 'requests.0.reply.content', /^\{"status":"ok"\}$/, /shell_port/],
  ),
  ...differ(
    'getpass() has the question that it has in every Python, and a warning that does not name ipykernel',
    ['input/password', 'questions.0.prompt', /^"Password: "$/, /^""$/],
    ['input/password-stream', 'outputs.2.data.text/plain', /in a notebook/, /using ipykernel/],
  ),
  ...differ(
    '%store needs a package that the image does not have; only ipykernel offers it all the same',
    ['magics/lsmagic', 'outputs.2.data.text/plain', /^(?!.*'store')/, /'store'/],
    ['requests/define', 'requests.17.reply.content', /^(?!.*"%store")/, /"%store"/],
  ),
  ...differ('the refusal says what can be done', [
    'magics/gui-unknown',
    'outputs.2.stderr',
    /worksheets have no display/,
    /Invalid GUI request/,
  ]),
  ...differ(
    'one thread: a fork is nothing to warn of',
    ['processes/fork', 'outputs.0', /^\{"stdout"/, /multi-threaded/],
    ['processes/fork-print', 'outputs.0', /^\{"stdout"/, /multi-threaded/],
  ),
  ...differ('what a child displays is shown as text, and not lost', [
    'processes/mp-display',
    'outputs',
    /in a child/,
    /^(?!.*"text\/plain":"'in a child'")/,
  ]),
  ...differ(
    'faulthandler is on, and writes to the descriptor that is shown',
    ['processes/faulthandler-stderr', 'outputs.0', /most recent call first/, /dumped/],
    ['streams/faulthandler', 'outputs.2.data.text/plain', /True/, /False/],
  ),
  ...differ('the history knows results too', [
    'requests/history',
    'requests',
    /\["'first entry'","'first entry'"\]/,
    /\["'first entry'",null\]/,
  ]),
  ...differ(
    'every request has a reply, also one that is refused; ipykernel answers nothing',
    ['requests/debug', 'requests', /This kernel has no debugger/, /"reply":\{"type":"debug_reply","content":\{\}\}/],
    ['requests/unknown', 'requests', /knows no message of type 'nonsense_request'/, /^(?!.*"reply")/],
    ['requests/malformed', 'requests', /code: expected a string, found NoneType/, /^(?!.*"reply")/],
  ),
  ...differ('what it says of the whole machine is not a kernel’s to say', [
    'requests/usage-request',
    'requests.0.reply.content',
    /^(?!.*host_virtual_memory)/,
    /host_virtual_memory/,
  ]),
  ...differ(
    'stdout and stderr are as Python’s own: with buffer, errors and reconfigure',
    ['streams/attributes', 'outputs.2.data.text/plain', /'replace'/, /None, False, False, 'stdout'/],
    ['streams/buffer', 'outputs.2.data.text/plain', /True/, /False/],
    ['streams/stringio-like', 'outputs.2.data.text/plain', /True/, /True/],
    ['streams/write-type', 'reply.content', /must be str, not bytes/, /must be str, not <class 'bytes'>/],
    ['streams/write-type', 'outputs', /must be str, not bytes/, /must be str, not <class 'bytes'>/],
    ['streams/write-none', 'reply.content', /must be str, not NoneType/, /must be str, not <class 'NoneType'>/],
    ['streams/write-none', 'outputs', /must be str, not NoneType/, /must be str, not <class 'NoneType'>/],
  ),
  ...differ('a lone surrogate is shown as "?"; ipykernel loses the text and prints its own traceback', [
    'streams/surrogate',
    'outputs',
    /"ok\\n\? lone\\n"/,
    /Uncaught exception|surrogates not allowed/,
  ]),
  ...differ('it is no second-rate way here', [
    'widgets/kernel-comm',
    'outputs',
    /^(?!.*deprecated)/,
    /has been deprecated/,
  ]),
  ...differ(
    'the manager of comms is that of the package comm',
    ['widgets/broken-target', 'requests.0.outputs', /comm\/base_comm\.py/, /ipykernel\/comm\/manager\.py/],
    ['widgets/request-states', 'requests.0.outputs', /comm\/base_comm\.py/, /ipykernel\/comm\/manager\.py/],
  ),
];

/** What a cell's reply names on ipykernel, where that is a listed difference. */
export const expectedOfIpykernel = (cell: string, expected: string): string =>
  ({
    'asyncio/long-await': 'CancelledError',
    'interrupts/await': 'CancelledError',
    'interrupts/await-busy': 'CancelledError',
    'errors/bad-str': 'TypeError',
  })[cell] ?? expected;

/** Checks the listed differences of a notebook and takes them out of both records. */
export function takeDifferences(notebook: string, ours: readonly CellRecord[], theirs: readonly CellRecord[]): void {
  for (const { cell, path, ours: our, theirs: their, why } of differences) {
    const [name, id] = cell.split('/');
    if (name !== notebook) continue;
    for (const [side, records, pattern] of [
      ['python3', ours, our],
      ['ipykernel', theirs, their],
    ] as const) {
      const record = records.find((one) => one.cell === id);
      const found = record === undefined ? 'null' : (JSON.stringify(take(record, path.split('.'))) ?? 'undefined');
      expect(found, `${side}, ${cell}, ${path}: ${why}`).toMatch(pattern);
    }
  }
}

/** The value at a path, in whose place a mark is left. */
function take(record: object, [key = '', ...rest]: string[]): unknown {
  const holder = record as Record<string, unknown>;
  const value = holder[key];
  if (rest.length > 0 && value !== null && typeof value === 'object') return take(value, rest);
  holder[key] = '(differs)';
  return value;
}
