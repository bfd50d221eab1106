/**
 * Signed API tokens. The signature says that this installation made the token, the row in the store that it still counts:
 * both are asked every time, so that revoking works at once.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Clock } from '../base/clock.ts';
import { newTokenId, storedTokenId, storedUserId, type UserId } from '../base/ids.ts';
import type { ApiTokens, TokenRecord } from '../store/tokens.ts';
import type { User, Users } from '../store/users.ts';
import type { Principal } from './principal.ts';

const AUDIENCE = 'carrel-api';
const ISSUER = 'carrel';
/** RFC 8725 §3.1: the algorithm is ours to choose, never the token's. */
const ALGORITHM = 'HS256';
/** Our own are shorter than 400 characters. */
const LONGEST = 4096;
const DAY = 86_400_000;

export interface TokensDeps {
  readonly key: string;
  readonly users: Users;
  readonly tokens: ApiTokens;
  readonly clock: Clock;
}

export class Tokens {
  readonly #deps: TokensDeps;
  readonly #key: KeyObject;

  constructor(deps: TokensDeps) {
    this.#deps = deps;
    this.#key = createSecretKey(Buffer.from(deps.key));
  }

  /** Makes a token for the user that ends after `ms` milliseconds. */
  async issue(user: Pick<User, 'id'>, label: string, ms: number): Promise<string> {
    const id = newTokenId();
    const createdAt = this.#deps.clock.now();
    const expiresAt = createdAt + ms;
    await this.#deps.tokens.add({ id, user: user.id, label, createdAt, expiresAt });
    const claims = { iat: Math.floor(createdAt / 1000), exp: Math.floor(expiresAt / 1000) };
    return jwt.sign(claims, this.#key, {
      algorithm: ALGORITHM,
      audience: AUDIENCE,
      issuer: ISSUER,
      subject: user.id,
      jwtid: id,
    });
  }

  /** The person whose token it is; undefined for anything that does not count: forged, expired, revoked, of a disabled user. */
  async verify(text: string): Promise<Principal | undefined> {
    const claims = this.#claims(text);
    if (claims === undefined) return undefined;
    const principal = await this.#current(storedTokenId(claims.jti));
    if (principal === undefined || principal.user !== storedUserId(claims.sub)) return undefined;
    return principal;
  }

  /** The same question about a token that was verified before: has it been revoked, has it ended, is its user disabled? */
  async stillValid(principal: Principal): Promise<boolean> {
    return principal.via.kind === 'token' && (await this.#current(principal.via.id)) !== undefined;
  }

  /** Those of a person that can be used, in the order in which they were made. */
  async list(user: UserId): Promise<TokenRecord[]> {
    const now = this.#deps.clock.now();
    return (await this.#deps.tokens.ofUser(user)).filter((token) => !token.revoked && token.expiresAt > now);
  }

  /** Whether the person had such a token. */
  async revoke(user: UserId, id: string): Promise<boolean> {
    const found = (await this.list(user)).find((token) => token.id === id);
    return found !== undefined && (await this.#deps.tokens.revoke(found.id));
  }

  async #current(id: ReturnType<typeof storedTokenId>): Promise<Principal | undefined> {
    const now = this.#deps.clock.now();
    const record = await this.#deps.tokens.byId(id);
    if (record === undefined || record.revoked || record.expiresAt <= now) return undefined;
    const user = await this.#deps.users.byId(record.user);
    if (user === undefined || user.disabled) return undefined;
    const today = new Date(now - (now % DAY)).toISOString().slice(0, 10);
    if (record.lastUsedDay !== today) await this.#deps.tokens.markUsed(id, today);
    return { user: user.id, name: user.name, role: user.role, via: { kind: 'token', id } };
  }

  #claims(text: string): { sub: string; jti: string } | undefined {
    if (text.length > LONGEST) return undefined;
    try {
      const claims = jwt.verify(text, this.#key, {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        issuer: ISSUER,
        clockTimestamp: Math.floor(this.#deps.clock.now() / 1000),
      });
      if (typeof claims === 'string') return undefined;
      const { sub, jti, exp } = claims;
      if (typeof sub !== 'string' || typeof jti !== 'string' || typeof exp !== 'number') return undefined;
      return { sub, jti };
    } catch {
      return undefined;
    }
  }
}
