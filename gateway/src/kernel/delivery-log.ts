/**
 * Who has received what (docs/spec/relay.md, RL10 to RL19). Every message is kept until each session that it is for has
 * confirmed it; a session that lost its socket is kept for a while and catches up when it comes back. No clock and no I/O but
 * the clients' own; times are arguments.
 */
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { KernelClient } from './client.ts';
import { type Cut, Entry, type Target } from './delivery-entry.ts';
import { Session } from './delivery-session.ts';
import { RETAINED_FOR, RETAINED_PER_KERNEL, RETAINED_SESSIONS, type RetentionBudget } from './retention.ts';

/** How long after a restart of the gateway, once the first client is back, others may still come for what they missed. */
const STRAGGLERS = 60_000;

export interface LogHooks {
  /** Nobody needs this frame of the agent any more. */
  delivered(frame: number): void;
  /** The message that tells a client what was cut. */
  cutNotice(cut: Cut): KernelMessage;
}

export class DeliveryLog {
  readonly #hooks: LogHooks;
  readonly #budget: RetentionBudget;
  readonly #sessions = new Map<string, Session>();
  #numbers = 0;
  #unnamed = 0;
  #retainedBytes = 0;
  /** msg_id of the request that the kernel is working on. */
  #running: string | undefined;
  /** Collects for whoever comes: what a running cell writes while there is no session at all, or all after a restart. */
  #nobody: { session: Session; restored: boolean; until: number } | undefined;

  /** `restored`: clients of an earlier gateway process may come back for what it had not delivered. */
  constructor(hooks: LogHooks, budget: RetentionBudget, restored: boolean, now: number) {
    this.#hooks = hooks;
    this.#budget = budget;
    if (restored) this.#nobody = { session: new Session('', false), restored, until: now + RETAINED_FOR };
    budget.join(this);
  }

  get retainedBytes(): number {
    return this.#retainedBytes;
  }

  get clients(): KernelClient[] {
    return [...this.#sessions.values()].flatMap((session) => session.client ?? []);
  }

  /** The session that a `session_id` names, where it is known. */
  named(id: string): Session | undefined {
    return this.#sessions.get(DeliveryLog.keyOf(id));
  }

  /** Target of what is for the client of this session_id, whether or not it is known. */
  static keyOf(id: string): string {
    return `session ${id}`;
  }

  /** RL12, RL13, RL14. `id` is the client's session_id. */
  connect(client: KernelClient, id: string | undefined, now: number): Session {
    const session = this.#connect(client, id, now);
    for (const absent of this.#away()) for (const entry of absent.entries) this.#settle(entry);
    return session;
  }

  #connect(client: KernelClient, id: string | undefined, now: number): Session {
    this.expire(now);
    const known = id === undefined ? undefined : this.named(id);
    if (known !== undefined) {
      this.#takeOver(known, client);
      return known;
    }
    const session =
      id === undefined ? new Session(`socket ${++this.#unnamed}`, false) : new Session(DeliveryLog.keyOf(id), true);
    session.client = client;
    const missed = this.#missedBy(id);
    this.#sessions.set(session.key, session);
    for (const entry of missed) this.#give(session, entry);
    this.#leaveNobody(session.key, now);
    this.#write(session);
    return session;
  }

  disconnect(session: Session, client: KernelClient, now: number): void {
    if (session.client !== client) return;
    session.client = undefined;
    session.leftAt = now;
    this.#rewind(session);
    if (session.named) this.#retain(session, 1);
    else this.#forget(session);
    this.expire(now);
    this.#enforce();
  }

  /** Keeps and sends a message. What is for a session that nobody knows is delivered to nobody. */
  add(message: KernelMessage, target: Target, frame: number | undefined): void {
    const entry = new Entry(++this.#numbers, message, target, frame);
    for (const session of target === 'everybody' ? this.#sessions.values() : [this.#sessions.get(target)]) {
      if (session === undefined) continue;
      this.#give(session, entry);
      this.#write(session);
    }
    const keep = this.#nobodyFor(entry);
    if (keep !== undefined) this.#give(keep, entry);
    this.#settle(entry);
    if (entry.retained > 0) this.#enforce();
  }

  /** Asks every client to confirm what it was sent; called once for all that came at once. */
  settle(): void {
    for (const session of this.#sessions.values())
      session.sync((items) => {
        for (const item of items) if (item instanceof Entry) this.#confirmed(item);
      });
  }

  /** RL13: what a session that nobody knew may see is the running cell's. */
  runs(cell: string | undefined): void {
    this.#running = cell;
    const nobody = this.#nobody;
    if (cell === undefined && nobody !== undefined && !nobody.restored) this.#dropNobody();
  }

  /** Forgets sessions that have been away for too long, or are too many. */
  expire(now: number): void {
    if (this.#nobody !== undefined && now >= this.#nobody.until) this.#dropNobody();
    if (this.#isEverybodyThere()) return;
    const away = [...this.#sessions.values()].filter((session) => session.client === undefined);
    away.sort((a, b) => b.leftAt - a.leftAt);
    for (const [i, session] of away.entries())
      if (i >= RETAINED_SESSIONS || now - session.leftAt >= RETAINED_FOR) this.#forget(session);
  }

  /** RL16: replaces the oldest output that is kept for absent clients, then forgets the longest absent, until it fits. */
  trim(bytes: number): void {
    const away = this.#away();
    const oldest = [...new Set(away.flatMap((session) => session.entries))].sort((a, b) => a.number - b.number);
    const drop = new Set<Entry>();
    let excess = this.#retainedBytes - bytes;
    for (const entry of oldest) {
      if (excess <= 0) break;
      if (!entry.droppable) continue;
      drop.add(entry);
      excess -= entry.weight;
    }
    for (const session of away) {
      const hit = session.entries.filter((entry) => drop.has(entry));
      if (hit.length === 0) continue;
      session.cut(drop);
      for (const entry of hit) this.#release(entry, true);
    }
    for (const session of away.sort((a, b) => a.leftAt - b.leftAt)) {
      if (this.#retainedBytes <= bytes) break;
      if (session === this.#nobody?.session) this.#dropNobody();
      else this.#forget(session);
    }
  }

  close(): void {
    this.#budget.leave(this);
  }

  #isAnybodyThere(): boolean {
    for (const session of this.#sessions.values()) if (session.client !== undefined) return true;
    return false;
  }

  #isEverybodyThere(): boolean {
    for (const session of this.#sessions.values()) if (session.client === undefined) return false;
    return true;
  }

  #away(): Session[] {
    const away = [...this.#sessions.values()].filter((session) => session.client === undefined);
    return this.#nobody === undefined ? away : [...away, this.#nobody.session];
  }

  #takeOver(session: Session, client: KernelClient): void {
    const old = session.client;
    if (old === undefined) this.#retain(session, -1);
    session.client = client;
    this.#rewind(session);
    old?.close(REPLACED, 'another socket has the same session_id');
    this.#write(session);
  }

  #rewind(session: Session): void {
    for (const entry of session.rewind()) this.#release(entry, false);
  }

  #missedBy(id: string | undefined): Entry[] {
    const missed = new Set<Entry>();
    const returning = id !== undefined && this.#nobody?.restored === true && this.#knows(this.#nobody.session, id);
    for (const session of this.#away())
      for (const entry of session.entries) {
        const fromEarlier = returning && session === this.#nobody?.session;
        const mine = fromEarlier && (entry.target === 'everybody' || entry.target === DeliveryLog.keyOf(id));
        const running = entry.target === 'everybody' && entry.cell !== undefined && entry.cell === this.#running;
        if (mine || (running && !entry.seen && entry.holders === entry.retained)) missed.add(entry);
      }
    return [...missed].sort((a, b) => a.number - b.number);
  }

  /** Whether anything that is kept was caused by the client of this session_id. */
  #knows(nobody: Session, id: string): boolean {
    return nobody.entries.some(
      (entry) => entry.message.parent.session === id || entry.target === DeliveryLog.keyOf(id),
    );
  }

  #nobodyFor(entry: Entry): Session | undefined {
    if (this.#nobody?.restored) return this.#sessions.has(entry.target) ? undefined : this.#nobody.session;
    if (this.#sessions.size > 0 || entry.target !== 'everybody' || entry.cell === undefined) return undefined;
    if (entry.cell !== this.#running) return undefined;
    this.#nobody ??= { session: new Session('', false), restored: false, until: Number.POSITIVE_INFINITY };
    return this.#nobody.session;
  }

  /** Somebody has come: what was kept for the first comer goes, after a restart only a while later. */
  #leaveNobody(key: string, now: number): void {
    const nobody = this.#nobody;
    if (nobody === undefined) return;
    if (!nobody.restored) {
      this.#dropNobody();
      return;
    }
    nobody.until = Math.min(nobody.until, now + STRAGGLERS);
    for (const entry of nobody.session.take((each) => each.target === key)) this.#release(entry, true);
  }

  #dropNobody(): void {
    const session = this.#nobody?.session;
    this.#nobody = undefined;
    for (const entry of session?.entries ?? []) this.#release(entry, true);
  }

  #write(session: Session): void {
    if (session.client === undefined) return;
    for (const item of session.unwritten())
      session.client.send(item instanceof Entry ? item.message : this.#hooks.cutNotice(item));
  }

  #give(session: Session, entry: Entry): void {
    session.push(entry);
    entry.holders += 1;
    if (session.client === undefined) this.#count(entry, 1);
  }

  #confirmed(entry: Entry): void {
    entry.seen = true;
    this.#release(entry, false);
  }

  #release(entry: Entry, retained: boolean): void {
    entry.holders -= 1;
    if (retained) this.#count(entry, -1);
    this.#settle(entry);
  }

  #retain(session: Session, by: 1 | -1): void {
    for (const entry of session.entries) {
      this.#count(entry, by);
      this.#settle(entry);
    }
  }

  /** RL18: while anybody is present, the agent keeps nothing for the absent. */
  #settle(entry: Entry): void {
    if (entry.settled || entry.frame === undefined || entry.holders > entry.retained) return;
    if (entry.holders > 0 && !entry.seen && !this.#isAnybodyThere()) return;
    entry.settled = true;
    this.#hooks.delivered(entry.frame);
  }

  #count(entry: Entry, by: 1 | -1): void {
    const before = entry.retained;
    entry.retained += by;
    if (before > 0 && entry.retained > 0) return;
    this.#retainedBytes += by * entry.weight;
    this.#budget.changed(by * entry.weight);
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.key);
    for (const entry of session.entries) this.#release(entry, session.named);
  }

  #enforce(): void {
    if (this.#retainedBytes > RETAINED_PER_KERNEL) this.trim(Math.floor((RETAINED_PER_KERNEL * 3) / 4));
    this.#budget.enforce();
  }
}

/** RFC 6455 has no code for it; clients come back on 1012, so this is one on which they do not. */
const REPLACED = 1000;
