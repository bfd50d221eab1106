/**
 * The whole of what may be asked of the warden, and what it answers: HTTP over a Unix socket (mode 0600). A request names a
 * policy and a worksheet, nothing else; no image, mount, variable or limit comes from outside.
 *
 *   POST   /sandboxes            OpenRequest → 200, application/x-ndjson: lines of OpenProgress, the last one `opened` or `error`
 *   GET    /sandboxes            → SandboxModel[]
 *   DELETE /sandboxes/:id        → 204, also when it has gone already
 *   GET    /sandboxes/:id/stream → 101 `Upgrade: carrel-stdio`: the raw byte stream of docs/spec/agent-stream.md; a later one replaces it
 *   GET    /events               → application/x-ndjson of WardenEvent, until either side closes
 *   GET    /status               → WardenStatus
 *   GET    /usage                → SandboxUsage[], of the containers that run
 *   GET    /metrics              → text in the format of Prometheus; 404 where metrics are off
 *
 * Errors are `ErrorBody` with the status of base/errors. One of several gateways sends its fencing number with each request; what opens,
 * closes or attaches is refused with `conflict` where a higher one has been seen (LC5).
 */
import { z } from 'zod';
import {
  isPolicyName,
  isSandboxId,
  isWorksheetId,
  type PolicyName,
  type SandboxId,
  type WorksheetId,
} from '../base/ids.ts';

/** Header of the fencing number. */
export const TERM = 'carrel-term';

const sandboxId = z.string().refine(isSandboxId, 'a sandbox id');
const worksheetId = z
  .string()
  .refine(isWorksheetId, 'a worksheet id')
  .transform((text) => text as WorksheetId);
const policyName = z
  .string()
  .refine(isPolicyName, 'a policy name')
  .transform((text) => text as PolicyName);
const whole = z.int().nonnegative();

export const openRequest = z.strictObject({ policy: policyName, worksheet: worksheetId });
export type OpenRequest = z.output<typeof openRequest>;

export const sandboxState = z.enum(['planned', 'creating', 'starting', 'ready', 'claimed', 'ending', 'ended']);
export type SandboxState = z.output<typeof sandboxState>;

export const sandboxModel = z.strictObject({
  id: sandboxId.transform((text) => text as SandboxId),
  policy: policyName,
  /** Absent while the sandbox waits in the pool. */
  worksheet: worksheetId.optional(),
  state: sandboxState,
  /** Whether it was taken from the warm pool. */
  pooled: z.boolean(),
  /** Bytes; the limit that the engine enforces. */
  memoryLimit: whole,
  createdAt: whole,
  claimedAt: whole.optional(),
});
export type SandboxModel = z.output<typeof sandboxModel>;

/** Why a sandbox ended. `code` is the container's exit status where there was one. */
export const endReason = z.enum([
  'closed',
  'exited',
  'out-of-memory',
  'life',
  'lease',
  'unhealthy',
  'shutdown',
  'engine',
]);
export type EndReason = z.output<typeof endReason>;

export const errorBody = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });
export type ErrorBody = z.output<typeof errorBody>;

export const openProgress = z.discriminatedUnion('type', [
  /** Place 1 is next. `expectedMs` is an estimate from the starts seen so far. */
  z.strictObject({ type: z.literal('queued'), place: whole, of: whole, expectedMs: whole }),
  z.strictObject({ type: z.literal('opened'), sandbox: sandboxModel }),
  z.strictObject({ type: z.literal('error'), error: errorBody.shape.error }),
]);
export type OpenProgress = z.output<typeof openProgress>;

export const poolStatus = z.strictObject({
  policy: policyName,
  ready: whole,
  starting: whole,
  min: whole,
  max: whole,
  waiting: whole,
  /** The last reason why the pool could not be filled, absent once it could. */
  trouble: z.string().optional(),
});
export type PoolStatus = z.output<typeof poolStatus>;

export const wardenEvent = z.discriminatedUnion('type', [
  /** First line of every subscription: what there is at this moment. */
  z.strictObject({ type: z.literal('snapshot'), sandboxes: z.array(sandboxModel) }),
  z.strictObject({ type: z.literal('exit'), sandbox: sandboxId, reason: endReason, code: z.int().optional() }),
  /** The engine saw an out-of-memory kill in the sandbox; the sandbox may go on. */
  z.strictObject({ type: z.literal('out-of-memory'), sandbox: sandboxId }),
  z.strictObject({ type: z.literal('pool'), pool: poolStatus }),
  z.strictObject({ type: z.literal('engine'), available: z.boolean(), message: z.string() }),
]);
export type WardenEvent = z.output<typeof wardenEvent>;

export const sandboxUsage = z.strictObject({
  id: sandboxId.transform((text) => text as SandboxId),
  /** Bytes in use, as the engine counts them. */
  memory: whole,
  /** Processors in use lately; absent at the first look. */
  cpus: z.number().nonnegative().optional(),
});
export type SandboxUsage = z.output<typeof sandboxUsage>;

export const wardenStatus = z.strictObject({
  engine: z.strictObject({ available: z.boolean(), message: z.string() }),
  memory: z.strictObject({ used: whole, share: whole }),
  sandboxes: z.strictObject({ used: whole, share: whole }),
  pools: z.array(poolStatus),
});
export type WardenStatus = z.output<typeof wardenStatus>;
