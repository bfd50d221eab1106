/** The REST shapes of `/api/account` (a person's own) and `/api/people` (what administrators do). */
import { z } from 'zod';

/** Days that a token may live; as `carrel user token` allows. */
export const LONGEST_TOKEN_DAYS = 3650;
/** Days that a link may be good for. */
export const LONGEST_LINK_DAYS = 90;

const typed = z.string().max(1000);
const roles = z.enum(['admin', 'instructor', 'member']);

export const changePasswordBody = z.object({
  /** Not needed by who has none yet. */
  present: typed.default(''),
  password: typed,
});

export const createTokenBody = z.object({
  label: z
    .string()
    .max(200)
    .transform((text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim())
    .refine((text) => text !== '', 'expected a few words that say what the token is for'),
  days: z.int().min(1).max(LONGEST_TOKEN_DAYS).default(30),
});

const days = z.int().min(1).max(LONGEST_LINK_DAYS).optional();

export const invitePersonBody = z.object({ name: typed, role: roles.default('member'), days });

export const personLinkBody = z.object({ days }).nullish();

export const changePersonBody = z.object({ role: roles.optional(), disabled: z.boolean().optional() });

export type RoleName = z.output<typeof roles>;

export interface AccountModel {
  readonly id: string;
  readonly name: string;
  readonly role: RoleName;
  readonly has_password: boolean;
}

/** All times are UTC, `2026-01-02T03:04:05.678Z`. */
export interface BrowserSessionModel {
  readonly id: string;
  /** The one that asks. */
  readonly current: boolean;
  readonly signed_in_at: string;
  readonly seen_at: string;
  /** The session ends then at the latest. */
  readonly ends_at: string;
  /** `Firefox`; empty where it is not known, as the next. */
  readonly browser: string;
  /** `Linux`. */
  readonly system: string;
  /** Where it signed in from; empty where it is not known. */
  readonly address: string;
}

export interface TokenModel {
  readonly id: string;
  readonly label: string;
  readonly created_at: string;
  readonly ends_at: string;
  /** `2026-01-02`, null before the first use. */
  readonly last_used: string | null;
}

/** The token itself is told this once. */
export interface NewTokenModel extends TokenModel {
  readonly token: string;
}

/** `ended`: how many other browsers were signed out. */
export interface EndedModel {
  readonly ended: number;
}

export interface PersonModel {
  readonly id: string;
  readonly name: string;
  readonly role: RoleName;
  /** `invited`: has a link and never set a password; `open`: has neither, so that only a token or a new link lets them in. */
  readonly state: 'active' | 'invited' | 'open' | 'disabled';
  readonly created_at: string;
  readonly signed_in_at: string | null;
  /** When the link ends by which they can set a password; null where there is none. */
  readonly link_ends_at: string | null;
}

export interface LinkModel {
  /** The whole address. It is told this once. */
  readonly link: string;
  readonly ends_at: string;
}

export interface InvitedModel extends LinkModel {
  readonly person: PersonModel;
}
