/** How a recorded host differs from the good one, for the cases of `carrel doctor`'s checks. */
import type { Verdict } from '../../gateway/src/doctor/check.ts';
import type { Facts } from '../../gateway/src/doctor/facts.ts';
import { settingsOf } from './doctor-hosts.ts';

export type Change = (good: Facts) => Partial<Facts>;
export type Case = readonly [check: string, what: string, verdict: Verdict, change: Change, found: RegExp];

export const DAY = 86_400_000;
export const engine =
  (change: object): Change =>
  ({ engine: report }) => ({ engine: { ...report, ...change } as Facts['engine'] });
export const host =
  (change: object): Change =>
  ({ host: rest }) => ({ host: { ...rest, ...change } as Facts['host'] });

export const sysctl =
  (name: string, value: string): Change =>
  ({ host: rest }) => ({ host: { ...rest, sysctls: { ...rest.sysctls, [name]: value } } });
export const settings =
  (environment: Record<string, string>): Change =>
  () => ({ settings: settingsOf(environment) });
export const part =
  <K extends keyof Facts>(name: K, change: object): Change =>
  (good) =>
    ({ [name]: { ...(good[name] as object), ...change } }) as Partial<Facts>;
export const policies = (change: object): Change => part('policies', change);
export const certificate =
  (change: object): Change =>
  ({ site }) => ({ site: { ...site, certificate: { ...(site.certificate as object), ...change } } as Facts['site'] });
export const file =
  (change: object): Change =>
  ({ files }) => ({
    files: (files as readonly object[]).map((each, at) => (at === 0 ? { ...each, ...change } : each)) as Facts['files'],
  });
export const first =
  (change: object): Change =>
  ({ policies: facts }) => {
    const list = (facts as { policies: readonly object[] }).policies;
    return {
      policies: { ...facts, policies: list.map((each) => ({ ...each, ...change })) } as unknown as Facts['policies'],
    };
  };
export const PUBLIC = { CARREL_BIND: '0.0.0.0' };
export const HTTPS = { CARREL_PUBLIC_URL: 'https://notebooks.uni.edu' };
