/** What the audit log says of a start: with which settings, and which policies hold from now on. No secret is among them. */
import { createHash } from 'node:crypto';
import type { AuditEntry } from '../base/audit.ts';
import type { PolicyName } from '../base/ids.ts';
import type { Policy } from '../config/policy.ts';
import type { Settings } from '../config/settings.ts';

/** `settings`: those that say who may come in, and how; neither keys nor the database's address. */
export function startedEntry(settings: Settings, release: string): AuditEntry {
  const { bind, port, publicUrl, hosts, proxies, signUp, plainHttp, tokenlessSockets, metrics, logLevel } = settings;
  const details = {
    ...{ release, bind, port, signUp, plainHttp, tokenlessSockets, metrics, logLevel },
    publicUrl: publicUrl ?? '',
    hosts: hosts.join(', '),
    proxies: proxies.join(', '),
    database: settings.database === undefined ? 'embedded' : 'PostgreSQL',
  };
  return { event: 'gateway.started', via: 'system', details };
}

/** Each policy with the first half of the SHA-256 of its values. */
export function policiesEntry(policies: ReadonlyMap<PolicyName, Policy>): AuditEntry {
  const details = Object.fromEntries([...policies].map(([name, policy]) => [name, hashOfValues(policy)]));
  return { event: 'policies.loaded', via: 'system', details };
}

const hashOfValues = (policy: Policy): string =>
  createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 32);
