/**
 * Judges attacks of somebody else's catalogue: Python files that end with a line {"attack", "contained", "evidence"}. Which
 * of them are decided from outside is told by the number that their names begin with.
 */
import type { Stage as AnyStage, Limits, Ran } from '../../gateway/src/attack/stage.ts';

/** What a catalogue of somebody else's needs of a stage. */
export type Stage = Pick<AnyStage, 'limits' | 'run' | 'answers' | 'restart'>;

export interface Row {
  readonly attack: string;
  readonly contained: boolean;
  /** Who decided: the script itself, or what was seen from outside. */
  readonly decided: 'inside' | 'outside';
  readonly evidence: string;
}

const within = (name: string, ...ranges: [number, number][]) =>
  ranges.some(([from, to]) => Number.parseInt(name, 10) >= from && Number.parseInt(name, 10) <= to);

/** Memory and fork bombs may take the kernel with them, if the worksheet lives and says why. */
const mayDie = (name: string) => within(name, [33, 36]);
/** Only what is left afterwards counts: the script itself may be slowed down until it gives up. */
const isSwarm = (name: string) => within(name, [35, 35]);
const isFlood = (name: string) => within(name, [43, 44]);
const isSurvivor = (name: string) => within(name, [46, 46]);

/** The caps that such catalogues read from the environment. */
const preamble = (limits: Limits) =>
  `import os; os.environ.update(ATTACK_MEM_MIB='1024', ATTACK_CPUS='${limits.cpus}')\n`;

/** Names of all processes but zombies. */
const processes = `
import os
def name(pid):
    try:
        with open('/proc/%s/stat' % pid) as file:
            text = file.read()
    except OSError:
        return None
    return None if text.rsplit(')', 1)[1].split()[0] == 'Z' else text[text.index('(') + 1:text.rindex(')')]
print(sum(name(pid) is not None for pid in os.listdir('/proc') if pid.isdigit()))
`;

export async function judgeForeign(stage: Stage, name: string, source: string): Promise<Row> {
  const before = isSurvivor(name) ? await countProcesses(stage) : 0;
  const ran = await stage.run(preamble(stage.limits) + source, 60);
  const inside = ran.report;
  const holes: string[] = [];
  const notes: string[] = [];
  let decided: Row['decided'] = within(name, [30, 36], [43, 46]) ? 'outside' : 'inside';
  if (inside !== undefined) {
    const overruled = isFlood(name) || isSwarm(name);
    (inside.contained || overruled ? notes : holes).push(inside.evidence);
  } else {
    decided = 'outside';
    const excused = (mayDie(name) && ran.death !== undefined) || (isFlood(name) && ran.relayed > 0);
    (excused ? notes : holes).push(
      ran.death ?? `no report; the output ends with ${JSON.stringify(ran.tail.slice(-200))}`,
    );
  }
  if (ran.forged.length > 0) holes.push(`forged messages: ${ran.forged.join(', ')}`);
  if (isFlood(name)) {
    decided = 'outside';
    (flooded(ran, stage.limits) ? holes : notes).push(`${ran.relayed} bytes relayed, largest message ${ran.largest}`);
  }
  if (isSurvivor(name)) {
    decided = 'outside';
    await stage.restart();
    const left = (await countProcesses(stage)) - before;
    (left > 0 ? holes : notes).push(`${left} processes more than before are left after the restart`);
  }
  if (!(await stage.answers())) {
    decided = 'outside';
    holes.push('the worksheet does not answer 1+1 afterwards');
  }
  return { attack: name, contained: holes.length === 0, decided, evidence: [...holes, ...notes].join(' | ') };
}

const flooded = (ran: Ran, limits: Limits) =>
  ran.relayed > limits.outputBytes * 1.1 || ran.largest > limits.outputBytes * 1.1;

async function countProcesses(stage: Stage): Promise<number> {
  return Number((await stage.run(processes)).tail.trim());
}
