/** Makes entries of the audit log out of requests: who, by what, from where, and what the table of routes says of it. */
import type { Request, Response } from 'express';
import { clientAddress } from '../../auth/client-address.ts';
import type { Principal } from '../../auth/principal.ts';
import type { RequestFacts } from '../../auth/request-facts.ts';
import type { AuditEntry } from '../../base/audit.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { AUDITED } from './audited.ts';

/** Looking again within this time, in milliseconds, is the same look. */
const SAME_LOOK = 600_000;

export class AuditTrail {
  readonly #deps: EdgeDeps;
  /** When an administrator's look was recorded last. */
  readonly #looks = new Map<string, number>();

  constructor(deps: EdgeDeps) {
    this.#deps = deps;
  }

  /** To be called before the route's work; the answer is called after it, where it went well. */
  begin(route: string, request: Request, response: Response): (facts: RequestFacts, by?: Principal) => Promise<void> {
    const describe = AUDITED[route];
    if (describe === undefined) return async () => {};
    let answer: unknown;
    const json = response.json.bind(response);
    response.json = (body) => {
      answer = body;
      return json(body);
    };
    return async (facts, by) => {
      if (response.statusCode >= 400) return;
      const { people, audit } = this.#deps;
      const personNamed = async (name: string) => (await people.byName(name))?.id;
      const known = typeof answer === 'object' && answer !== null ? answer : {};
      const entries = await describe({ request, response, answer: known, personNamed });
      const who = actorOf(this.#deps, facts, by);
      audit.record(...entries.map((entry) => ({ ...entry, ...who })).filter((entry) => this.#isNew(entry)));
    };
  }

  #isNew({ event, actor, details }: AuditEntry): boolean {
    if (event !== 'admin.looked') return true;
    const [key, now] = [`${actor} ${details?.['at']}`, this.#deps.clock.now()];
    if (now - (this.#looks.get(key) ?? Number.NEGATIVE_INFINITY) < SAME_LOOK) return false;
    this.#looks.set(key, now);
    return true;
  }
}

export const actorOf = (
  deps: Pick<EdgeDeps, 'proxies'>,
  facts: RequestFacts,
  by?: Principal,
): Pick<AuditEntry, 'actor' | 'via' | 'address'> => ({
  actor: by?.user,
  via: by?.via.kind === 'token' ? 'token' : 'browser',
  address: clientAddress(facts, deps.proxies),
});
