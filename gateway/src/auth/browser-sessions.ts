/** Browsers that signed in: a random cookie whose hash is in the store, ended by idleness, by age or by signing out. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { UserId } from '../base/ids.ts';
import type { Users } from '../store/users.ts';
import type { WebSession, WebSessions } from '../store/web-sessions.ts';
import type { Person, Principal } from './principal.ts';

export type { WebSession } from '../store/web-sessions.ts';

const MINUTE = 60_000;
/** Characters of how a browser calls itself that are kept. */
const LONGEST_AGENT = 400;
const IDLE = 12 * 60 * MINUTE;
const LONGEST = 7 * 24 * 60 * MINUTE;

export interface BrowserSessionsDeps {
  readonly users: Users;
  readonly webSessions: WebSessions;
  readonly clock: Clock;
}

export interface SignedIn {
  /** The cookie's value; the only place where it exists is the browser. */
  readonly cookie: string;
  readonly csrf: string;
  /** Milliseconds until the session ends at the latest. */
  readonly maxAge: number;
}

/** The browser that a session is for. */
export interface Client {
  readonly userAgent: string;
  readonly address: string;
}

export class BrowserSessions {
  readonly #deps: BrowserSessionsDeps;

  constructor(deps: BrowserSessionsDeps) {
    this.#deps = deps;
  }

  /** `before`: what the browser was signed in with until now, which ends. */
  async create(person: Pick<Person, 'user'>, client: Client, before?: Principal): Promise<SignedIn> {
    const now = this.#deps.clock.now();
    await this.#deps.webSessions.sweep(now, now - IDLE);
    const cookie = randomBytes(32).toString('base64url');
    const csrf = randomBytes(32).toString('base64url');
    const session = {
      idHash: hash(cookie),
      user: person.user,
      csrf,
      createdAt: now,
      seenAt: now,
      endsAt: now + LONGEST,
      userAgent: client.userAgent.slice(0, LONGEST_AGENT),
      address: client.address,
    };
    if (before !== undefined) await this.end(before);
    await this.#deps.webSessions.add(session);
    await this.#deps.users.markSignedIn(person.user, now);
    return { cookie, csrf, maxAge: LONGEST };
  }

  async verify(cookie: string): Promise<Principal | undefined> {
    const idHash = hash(cookie);
    const session = await this.#live(idHash);
    if (session === undefined) return undefined;
    const now = this.#deps.clock.now();
    if (now - session.seenAt > MINUTE) await this.#deps.webSessions.touch(idHash, now);
    return this.#principal(session);
  }

  /** For sockets that are open: does not count as use, so that a forgotten tab does not keep its session for ever. */
  async stillValid(principal: Principal): Promise<boolean> {
    if (principal.via.kind !== 'session') return false;
    const session = await this.#live(principal.via.idHash);
    return session !== undefined && (await this.#principal(session)) !== undefined;
  }

  async end(principal: Principal): Promise<void> {
    if (principal.via.kind === 'session') await this.#deps.webSessions.remove(principal.via.idHash);
  }

  /** Those of a person that can be used, the last seen one first. */
  async list(user: UserId): Promise<WebSession[]> {
    return (await this.#deps.webSessions.ofUser(user)).filter((session) => this.#isLive(session));
  }

  /** Whether the person had such a session. */
  async endOne(user: UserId, idHash: string): Promise<boolean> {
    if (!(await this.list(user)).some((session) => session.idHash === idHash)) return false;
    await this.#deps.webSessions.remove(idHash);
    return true;
  }

  /** Ends all sessions of a person but the one by which they ask, where they ask by one; answers how many. */
  endOthers(user: UserId, but?: Principal): Promise<number> {
    return this.#deps.webSessions.removeOf(user, but?.via.kind === 'session' ? but.via.idHash : undefined);
  }

  async #live(idHash: string): Promise<WebSession | undefined> {
    const session = await this.#deps.webSessions.byHash(idHash);
    return session !== undefined && this.#isLive(session) ? session : undefined;
  }

  #isLive(session: WebSession): boolean {
    const now = this.#deps.clock.now();
    return now < session.endsAt && now - session.seenAt <= IDLE;
  }

  async #principal(session: WebSession): Promise<Principal | undefined> {
    const user = await this.#deps.users.byId(session.user);
    if (user === undefined || user.disabled) return undefined;
    const via = { kind: 'session' as const, idHash: session.idHash, csrf: session.csrf };
    return { user: user.id, name: user.name, role: user.role, via };
  }
}

const hash = (cookie: string): string => createHash('sha256').update(cookie).digest('hex');
