/** Two gateways: the one that owns the worksheets is killed, or stands still; how long a page at the other waits for its next output. */
import { startPostgres } from '../../test/support/postgres-server.ts';
import { type Member, OWNS, TwoGateways } from '../../test/support/two-gateways.ts';
import { newWorksheet, Page } from '../../test/support/worksheets.ts';
import { type Figure, figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { pause } from '../support/stage.ts';

/** By when everything goes on: so the installation is meant to be. */
const WITHIN_S = 5;
const TIMES = 8;
/** The other one is at rest again: it has started, and holds the port. */
const REST_MS = 4000;
const EDITS = 20;

interface Takeover {
  /** From the signal to the output, seconds. */
  readonly seconds: number;
  /** Acknowledged edits that are not there afterwards. */
  readonly lost: number;
}

export const takeover: Row = {
  name: 'takeover',
  suite: 'load',
  title: 'two gateways, real sandboxes, PostgreSQL and Redis: one of them is killed, or stands still',
  async measure(bench) {
    await using postgres = await startPostgres();
    process.env['TEST_POSTGRES'] = postgres.address;
    await using both = await TwoGateways.start();
    const course = await Course.open(both);
    const times = bench.quick ? 1 : TIMES;
    const killed = await course.repeat(times, 'SIGKILL', bench.say);
    const still = await course.repeat(times, 'SIGSTOP', bench.say);
    const twice = await course.ranTwice();
    return {
      figures: [
        takeoverFigure('load.killed', 'SIGKILL of the gateway that owns the worksheets', killed, twice),
        takeoverFigure('load.still', 'the gateway that owns the worksheets stands still (SIGSTOP)', still, twice),
      ],
    };
  },
};

/** One worksheet whose cells count how often they have run. */
class Course {
  readonly #id: string;
  #owner: Member;
  #other: Member;
  readonly #turns = new Map<Member, number>();
  #runs = 0;

  private constructor(id: string, [owner, other]: TwoGateways['members']) {
    this.#id = id;
    this.#owner = owner;
    this.#other = other;
    this.#turns.set(owner, 1).set(other, 0);
  }

  static async open({ members }: TwoGateways): Promise<Course> {
    const { id } = await newWorksheet(members[0]);
    const course = new Course(id, members);
    using page = await Page.open(members[0], id);
    await course.#run(page, 'ran = []\n');
    return course;
  }

  async repeat(times: number, signal: 'SIGKILL' | 'SIGSTOP', say: (line: string) => void): Promise<Takeover[]> {
    const all: Takeover[] = [];
    for (let i = 0; i < times; i += 1) {
      await pause(REST_MS);
      const one = await this.#once(signal);
      say(`${signal}: ${one.seconds.toFixed(2)} s`);
      all.push(one);
    }
    return all;
  }

  /** How many cells did not run once. */
  async ranTwice(): Promise<number> {
    using page = await Page.open(this.#owner, this.#id);
    await page.run('print(len(ran), len(set(ran)))');
    const expected = `${this.#runs} ${this.#runs}\n`;
    await page.until('the count', () => /^\d+ \d+\n$/.test(page.output()));
    const [ran = 0, different = 0] = page.output().split(' ').map(Number);
    return page.output() === expected ? 0 : Math.max(1, ran - different);
  }

  async #once(signal: 'SIGKILL' | 'SIGSTOP'): Promise<Takeover> {
    const stopped = this.#owner;
    let acknowledged = '';
    {
      using page = await Page.open(this.#other, this.#id);
      for (let edit = 0; edit < EDITS; edit += 1) page.type(`# ${signal} ${this.#runs}, edit ${edit}`);
      await page.saved();
      acknowledged = page.cells[0]?.source ?? '';
    }
    const begun = performance.now();
    stopped.signal(signal);
    using page = await Page.open(this.#other, this.#id);
    const kept = page.cells[0]?.source === acknowledged;
    await this.#run(page);
    const seconds = (performance.now() - begun) / 1000;
    const turn = (this.#turns.get(this.#other) ?? 0) + 1;
    await this.#other.until('the other gateway owns', OWNS, turn);
    this.#turns.set(this.#other, turn);
    [this.#owner, this.#other] = [this.#other, this.#owner];
    if (signal === 'SIGSTOP') stopped.signal('SIGCONT');
    return { seconds, lost: kept ? 0 : 1 };
  }

  async #run(page: Page, before = ''): Promise<void> {
    this.#runs += 1;
    await page.run(`${before}ran.append(${this.#runs})\nprint("run", ran[-1])`);
    await page.until('the output', () => page.output() === `run ${this.#runs}\n`);
  }
}

function takeoverFigure(name: string, title: string, all: readonly Takeover[], twice: number): Figure {
  const lost = all.reduce((sum, one) => sum + one.lost, 0);
  return figure({
    name,
    title: `${title}: to the next output at the other one`,
    how: `from the signal to the output of a new cell of the same worksheet and kernel, on a new socket at the other gateway, which takes over; ${EDITS} edits before it are stored`,
    unit: 's',
    samples: all.map(({ seconds }) => seconds),
    targets: { max: WITHIN_S },
    holds: [
      [lost === 0, `${lost} times acknowledged edits were lost`],
      [twice === 0, `${twice} cells did not run once`],
    ],
  });
}
