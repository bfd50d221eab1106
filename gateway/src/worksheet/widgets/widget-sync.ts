/**
 * Tells the kernel's half of Output widgets what was put into them, so that `out.outputs` is what is shown and a later restart of the
 * gateway finds it there. One message of a widget is under way at a time; what changes meanwhile goes in the next one.
 */
import { randomUUID } from 'node:crypto';
import type { Outgoing } from '../run/kernel-client.ts';

export class WidgetSync {
  readonly #send: (message: Outgoing) => string | undefined;
  /** Widgets by the message that is under way. */
  readonly #underWay = new Map<string, string>();
  readonly #changed = new Set<string>();

  constructor(send: (message: Outgoing) => string | undefined) {
    this.#send = send;
  }

  changed(model: string, outputs: unknown): void {
    if (this.isUnderWay(model)) this.#changed.add(model);
    else this.#tell(model, outputs);
  }

  /** The kernel has not heard of all of it. */
  isUnderWay(model: string): boolean {
    return [...this.#underWay.values()].includes(model);
  }

  /** The kernel has dealt with this message. `outputsOf`: of a widget as they are now. */
  quiet(request: string, outputsOf: (model: string) => unknown): void {
    const model = this.#underWay.get(request);
    if (model === undefined) return;
    this.#underWay.delete(request);
    if (this.#changed.delete(model)) this.#tell(model, outputsOf(model));
  }

  clear(): void {
    this.#underWay.clear();
    this.#changed.clear();
  }

  #tell(model: string, outputs: unknown): void {
    const data = { method: 'update', state: { outputs }, buffer_paths: [] };
    const id = randomUUID();
    const sent = this.#send({ channel: 'shell', type: 'comm_msg', id, content: { comm_id: model, data } });
    if (sent !== undefined) this.#underWay.set(sent, model);
  }
}
