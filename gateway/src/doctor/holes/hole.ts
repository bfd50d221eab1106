/** What a known hole is, and how the files beside this one were read. */

export type Component = 'runc' | 'containerd' | 'engine';

/**
 * Who could use it against Carrel. `sandbox`: the code of a worksheet. `image`: whoever makes an image that is used here, or replaces
 * it while it is pulled. `unused`: only by what Carrel never does (copying files, plugins, swarm, BuildKit, checkpoints); other users
 * of the engine may.
 */
export type Reach = 'sandbox' | 'image' | 'unused';

export interface Hole {
  readonly id: string;
  readonly component: Component;
  /** Each from the first affected version to the first that is not, as upstream numbers them. */
  readonly affected: readonly (readonly [from: string, before: string])[];
  /** Day of the advisory or of the first release that mends it, whichever was read. */
  readonly published: string;
  readonly severity: 'low' | 'moderate' | 'high' | 'critical';
  readonly reach: Reach;
  readonly what: string;
  readonly source: string;
}

export type HoleOf = Omit<Hole, 'component'>;

/**
 * Every entry was read on this day: its versions in the Go vulnerability database, in the project's own notes of its releases or in what
 * others quote of its advisory; its day and severity there or in a copy of the advisory. Only the severity of CVE-2023-25809 was
 * seen nowhere and is a judgement. What was read were stored copies.
 */
export const READ_ON = '2026-11-26';

/** Day of the newest advisory among the copies. A hole that was published later is missing here. */
export const TABLE_DATE = '2026-10-07';

export const advisory = (project: string, id: string): string =>
  `https://github.com/${project}/security/advisories/${id}`;
