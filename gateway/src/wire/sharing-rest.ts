/** The REST shapes of `/api/worksheets/ID/shares` and `…/links`: with whom a worksheet is shared. */
import { z } from 'zod';

/** What a worksheet can be shared as, from the most to the least. */
export const shareRoles = ['editor', 'runner', 'viewer'] as const;
export type ShareRole = (typeof shareRoles)[number];

/** The body that gives a person a role, and the one that makes a link. */
export const shareBody = z.object({ role: z.enum(shareRoles) });

/** At most this many people are named for one worksheet, come by its links, and this many links lead to it. */
export const MOST_SHARES = 100;
export const MOST_GUESTS = 1000;
export const MOST_LINKS = 20;

/** One person with whom the worksheet is shared. */
export interface ShareModel {
  readonly name: string;
  /** The strongest that they have. */
  readonly role: ShareRole;
  /** Whether the owner named them; others came by a link and lose the right when it is withdrawn. */
  readonly named: boolean;
}

export interface LinkModel {
  readonly id: string;
  readonly role: ShareRole;
  /** UTC, `2026-01-02T03:04:05.678Z`. */
  readonly created_at: string;
  /** People who came by it and have not been removed since. */
  readonly guests: number;
}

/** The answer to making a link: the only time that its key is told. */
export interface NewLinkModel extends LinkModel {
  /** Where the link leads, from the place where this Carrel begins: `s/KEY`. */
  readonly path: string;
}

export interface SharingModel {
  readonly people: readonly ShareModel[];
  readonly links: readonly LinkModel[];
}
