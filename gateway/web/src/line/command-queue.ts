/**
 * Commands on their way to the gateway: each is kept until it is answered, and goes out again whenever a new line stands. The
 * gateway carries each id out once, so that nothing is lost and nothing is repeated.
 */
import type { WorksheetCommand, WorksheetNotice } from '../../../src/wire/worksheet-protocol.ts';

type Answer = Extract<WorksheetNotice, { id: string }>;
/** A message of a widget has the id that its frame has chosen; the others get one here. */
type WithoutId<C> = C extends { do: 'widget' } ? C : C extends unknown ? Omit<C, 'id'> : never;
export type NewCommand = WithoutId<WorksheetCommand>;

/** Questions about what is now: nobody waits for them over a broken line. */
const MOMENTARY: readonly WorksheetCommand['do'][] = ['complete', 'inspect', 'widgets'];

interface Waiting {
  readonly command: WorksheetCommand;
  readonly settle: (answer: Answer | undefined) => void;
}

export class CommandQueue {
  readonly #send: (text: string) => void;
  readonly #newId: () => string;
  readonly #waiting = new Map<string, Waiting>();
  #live = false;

  constructor(send: (text: string) => void, newId: () => string) {
    this.#send = send;
    this.#newId = newId;
  }

  /** Commands that are not answered yet, in their order. */
  get waiting(): readonly WorksheetCommand[] {
    return [...this.#waiting.values()].map(({ command }) => command);
  }

  /** Resolves with the answer; with undefined where a momentary question met a line that is not there or broke, and at the end. */
  add(wish: NewCommand): Promise<Answer | undefined> {
    const command = { id: this.#newId(), ...wish } as WorksheetCommand;
    if (!this.#live && MOMENTARY.includes(command.do)) return Promise.resolve(undefined);
    const answer = new Promise<Answer | undefined>((settle) => {
      this.#waiting.set(command.id, { command, settle });
    });
    if (this.#live) this.#send(JSON.stringify(command));
    return answer;
  }

  /** The line stands, and the document's edits have gone before: everything unanswered goes out again. */
  open(): void {
    if (this.#live) return;
    this.#live = true;
    for (const { command } of this.#waiting.values()) this.#send(JSON.stringify(command));
  }

  lost(): void {
    this.#live = false;
    for (const [id, { command, settle }] of this.#waiting) {
      if (!MOMENTARY.includes(command.do)) continue;
      this.#waiting.delete(id);
      settle(undefined);
    }
  }

  /** The line does not come back: nothing is waited for any more. */
  end(): void {
    this.lost();
    for (const { settle } of this.#waiting.values()) settle(undefined);
    this.#waiting.clear();
  }

  /** Answers that nobody waits for, as the second one of a command that was sent twice, are ignored. */
  answered(answer: Answer): void {
    const found = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    found?.settle(answer);
  }
}
