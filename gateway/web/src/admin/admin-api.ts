/** The REST calls of the administrator's pages. */
import type {
  HealthModel,
  LiveSandbox,
  PoliciesModel,
  PoolsModel,
  SandboxesModel,
  StoppedModel,
} from '../../../src/wire/admin-rest.ts';
import type { AuditLineModel, AuditModel } from '../../../src/wire/audit-rest.ts';
import { call } from '../shared/api.ts';

export type { PolicyValue } from '../../../src/wire/admin-rest.ts';
export type { AuditLineModel, HealthModel, LiveSandbox, PoolsModel, SandboxesModel };

/** Whether the chain of the audit log holds: its lines, and what does not fit, in words. */
export interface AuditVerdict {
  readonly lines: number;
  readonly flaws: readonly string[];
}

export const adminApi = {
  sandboxes: () => call<SandboxesModel>('GET', 'api/admin/sandboxes'),
  stop: (sandboxes: readonly string[]) => call<StoppedModel>('POST', 'api/admin/sandboxes/stop', { sandboxes }),
  pools: () => call<PoolsModel>('GET', 'api/admin/pools'),
  policies: () => call<PoliciesModel>('GET', 'api/admin/policies'),
  audit: (query: string) => call<AuditModel>('GET', `api/admin/audit${query === '' ? '' : `?${query}`}`),
  checkAudit: () => call<AuditVerdict>('GET', 'api/admin/audit/check'),
  health: () => call<HealthModel>('GET', 'api/admin/health'),
};
