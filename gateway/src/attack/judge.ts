/**
 * Decides whether an attack was contained. What the cell says of itself is believed only when it admits a hole: the rest is
 * looked at from outside. The same rules hold for the weak container and for worksheets.
 */
import { attackSource } from './source.ts';
import type { Marks, Ran, Stage } from './stage.ts';

export interface Verdict {
  /** What got through; nothing: contained. */
  readonly holes: readonly string[];
  readonly evidence: string;
}

/** Runs while the attack's consequences last; answers what it saw from outside, a hole or a note. */
type Outside = (stage: Stage, ran: Ran, begun: Begun) => Promise<{ hole?: string; note?: string }>;

interface Begun {
  readonly container: string | undefined;
  readonly processorSeconds: number;
  readonly at: number;
}

/** How much more than the policy's bound may arrive: messages' envelopes and the note that output was cut. */
const ENVELOPES = 1.1;

const outside: Readonly<Record<string, Outside>> = {
  uid_quota: async (stage) => {
    const ran = await stage.neighbour(
      'import ctypes, fcntl, os\n' +
        'inotify = ctypes.CDLL(None).inotify_init()\n' +
        'pipe = os.pipe()\n' +
        "print('inotify', inotify >= 0, 'pipe', fcntl.fcntl(pipe[1], 1032))\n" +
        'if inotify >= 0: os.close(inotify)\n',
    );
    const seen = ran.tail.trim().split('\n').at(-1) ?? '';
    return seen === 'inotify True pipe 65536' ? { note: `neighbour: ${seen}` } : { hole: `neighbour: ${seen}` };
  },
  cpu_quota: async (stage, _, begun) => {
    const used = (await stage.processorSeconds()) - begun.processorSeconds;
    const share = used / ((performance.now() - begun.at) / 1000);
    const text = `${share.toFixed(2)} processors used, ${stage.limits.cpus} allowed`;
    return share > stage.limits.cpus * 1.15 + 0.1 ? { hole: text } : { note: text };
  },
  output_flood: bounded,
  huge_line: bounded,
  display_flood: bounded,
  file_locks: async (stage) => {
    const ran = await stage.neighbour(
      "import fcntl\nfor path in ('/etc/os-release', '/etc/passwd'):\n    with open(path) as file:\n" +
        '        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)\n' +
        "print('locked both')\n",
    );
    const seen = ran.tail.trim().split('\n').at(-1) ?? '';
    return seen === 'locked both' ? { note: `neighbour: ${seen}` } : { hole: `neighbour: ${seen.slice(0, 80)}` };
  },
  transfer_links: fetched,
  transfer_special: fetched,
  transfer_races: fetched,
  survivor: async (stage, ran) => {
    const left = JSON.stringify(ran.report?.facts?.['left'] ?? {});
    const count = async () => (await stage.run(survivors(left))).tail.trim().split('\n').at(-1) ?? 'no answer';
    await stage.interrupt();
    const interrupted = await count();
    await stage.restart();
    const restarted = await count();
    const text = `alive after the interrupt ${interrupted}, after the restart ${restarted}`;
    return interrupted === '[]' && restarted === '[]' ? { note: text } : { hole: text };
  },
};

async function bounded(stage: Stage, ran: Ran): Promise<{ hole?: string; note?: string }> {
  const text = `${ran.relayed} bytes arrived, ${ran.largest} in the largest message`;
  return ran.relayed > stage.limits.outputBytes * ENVELOPES ? { hole: text } : { note: text };
}

/** What the agent alone can read, or only user 0. */
const FOREIGN = /(^|\0)(PATH|LANG|HOME)=|^root:/;
/** More than any file of the home folder has that an attack plants. */
const FETCH_BOUND = 4 * 1024 * 1024;

const CLEAN = `
import os, shutil
home = os.fsencode(os.path.expanduser('~'))
for name in os.listdir(home):
    path = os.path.join(home, name)
    (os.unlink if os.path.islink(path) or not os.path.isdir(path) else shutil.rmtree)(path)
`;

/** Lists the home folder and fetches what the attack planted, as people's files are fetched. */
async function fetched(stage: Stage, ran: Ran): Promise<{ hole?: string; note?: string }> {
  const asked = ran.report?.facts?.['fetch'];
  const paths = Array.isArray(asked) ? asked.map(String) : [];
  const seen = new Map<string, number>();
  const listed = await stage.list();
  if (typeof listed !== 'number' && listed.late) return { hole: `the list of files: ${listed.refused}` };
  for (const path of paths) {
    const answer = await stage.fetch(path);
    if ('refused' in answer) {
      if (answer.late) return { hole: `${path}: ${answer.refused}` };
      seen.set(`${path} ${answer.refused}`, (seen.get(`${path} ${answer.refused}`) ?? 0) + 1);
      continue;
    }
    if (FOREIGN.test(answer.begins)) return { hole: `${path} gave what only the agent may read` };
    if (answer.bytes > FETCH_BOUND) return { hole: `${path} gave ${answer.bytes} bytes` };
    const text = `${path} ${answer.bytes} bytes`;
    seen.set(text, (seen.get(text) ?? 0) + 1);
  }
  await stage.run(CLEAN);
  const told = [...seen].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
  return { note: `${typeof listed === 'number' ? `${listed} files listed` : listed.refused}; ${told.join('; ')}` };
}

/** Prints which of `{pid: start time}` are alive; a process that was killed may take a moment to go where processors are scarce. */
const survivors = (left: string) => `
import json, time
def started(pid):
    try:
        fields = open('/proc/%s/stat' % pid).read().rsplit(')', 1)[1].split()
        return None if fields[0] == 'Z' else int(fields[19])
    except OSError:
        return None
left = json.loads('${left}')
for _ in range(30):
    alive = [int(pid) for pid, begun in left.items() if begun is not None and started(pid) == begun]
    if not alive:
        break
    time.sleep(0.1)
print(alive)
`;

/** Attacks that may end their own kernel: without a report they are judged by what is left. */
const MAY_DIE = new Set(['mem_bomb', 'mem_hidden', 'mem_swarm', 'fork_bomb', 'kill_everything', 'kernel_socket']);

/** Attacks that must leave the container itself alive, so that the agent can tell what happened. */
const AGENT_LIVES = new Set([...MAY_DIE, 'pid1_signals', 'pid1_tamper', 'signals_by_file']);

/** Runs an attack and answers the verdict; afterwards `stage` is as it was left. */
export async function attack(stage: Stage, name: string, marks: Marks): Promise<Verdict> {
  const begun: Begun = {
    container: await stage.container(),
    processorSeconds: name === 'cpu_quota' ? await stage.processorSeconds() : 0,
    at: performance.now(),
  };
  const ran = await stage.run(attackSource(name, marks, stage.limits), 45);
  const holes: string[] = [];
  const notes: string[] = [];
  if (ran.report === undefined) {
    const text = ran.death ?? `no report; the output ends with ${JSON.stringify(ran.tail.slice(-300))}`;
    const cut = outside[name] === bounded && ran.death === undefined && ran.relayed > 0;
    (cut || (MAY_DIE.has(name) && ran.death !== undefined) ? notes : holes).push(text);
  } else {
    if (!ran.report.contained) holes.push(...(ran.report.holes ?? [ran.report.evidence]));
    notes.push(ran.report.evidence.replace(/^holes: .*?( \| also: |$)/s, ''));
  }
  if (ran.forged.length > 0) holes.push(`forged: ${ran.forged.join(', ')}`);
  const seen = await outside[name]?.(stage, ran, begun);
  if (seen?.hole !== undefined) holes.push(seen.hole);
  if (seen?.note !== undefined) notes.push(seen.note);
  if (MAY_DIE.has(name) && !(await stage.neighbourAnswers())) holes.push('the neighbour was hit');
  if (!(await stage.answers())) holes.push('the worksheet does not answer afterwards');
  if (AGENT_LIVES.has(name) && (await stage.container()) !== begun.container) holes.push('the container died');
  if (holes.length > 0) await stage.replace();
  return {
    holes,
    evidence: [...holes.map((hole) => `got through: ${hole}`), ...notes]
      .filter((text) => text !== '')
      .join(' | ')
      .slice(0, 3000),
  };
}
