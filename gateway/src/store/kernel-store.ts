/** Kernels that must be found again after a restart of the gateway. The shape is the one that `kernel/records.ts` asks for. */
import { type Kysely, sql } from 'kysely';
import {
  isKernelId,
  isPolicyName,
  isSandboxId,
  type KernelId,
  type PolicyName,
  type SandboxId,
  storedUserId,
  type UserId,
} from '../base/ids.ts';
import type { KernelRow, Tables } from './tables.ts';

export interface StoredKernel {
  readonly id: KernelId;
  readonly owner: UserId;
  readonly policy: PolicyName;
  readonly kernel: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: SandboxId;
  readonly generation: number;
  readonly createdAt: number;
  readonly lastActivity: number;
}

/** Rows of one statement: far below what SQLite and PostgreSQL take, and a millisecond or two in which nothing else is done. */
const AT_ONCE = 500;

export class KernelStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** In the order in which they were started. */
  async all(): Promise<StoredKernel[]> {
    const rows = await this.#db.selectFrom('kernels').selectAll().orderBy('created_at').execute();
    return rows.flatMap(toKernel);
  }

  async put(kernel: StoredKernel): Promise<void> {
    const { id, ...rest } = toRow(kernel);
    await this.#db
      .insertInto('kernels')
      .values({ id, ...rest })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
      .execute();
  }

  /** Only of those that are stored: one that has ended meanwhile does not come back. */
  async touch(seen: readonly Pick<StoredKernel, 'id' | 'lastActivity'>[]): Promise<void> {
    for (let from = 0; from < seen.length; from += AT_ONCE) {
      const rows = seen
        .slice(from, from + AT_ONCE)
        .map(({ id, lastActivity }) => sql`(cast(${id} as text), cast(${lastActivity} as bigint))`);
      await sql`update kernels set last_activity = seen.column2 from (values ${sql.join(rows)}) as seen
        where kernels.id = seen.column1`.execute(this.#db);
    }
  }

  async remove(id: KernelId): Promise<void> {
    await this.#db.deleteFrom('kernels').where('id', '=', id).execute();
  }
}

const toRow = (kernel: StoredKernel): KernelRow => ({
  id: kernel.id,
  user_id: kernel.owner,
  policy: kernel.policy,
  kernel: kernel.kernel,
  name: kernel.name,
  env: JSON.stringify(kernel.env),
  sandbox: kernel.sandbox,
  generation: kernel.generation,
  created_at: kernel.createdAt,
  last_activity: kernel.lastActivity,
});

/** A row whose ids are not of the shapes that this version writes is skipped: its kernel cannot be reached. */
function toKernel(row: KernelRow): StoredKernel[] {
  const { id, policy, sandbox } = row;
  if (!isKernelId(id) || !isPolicyName(policy) || !isSandboxId(sandbox)) return [];
  return [
    {
      id,
      owner: storedUserId(row.user_id),
      policy,
      kernel: row.kernel,
      name: row.name,
      env: JSON.parse(row.env),
      sandbox,
      generation: row.generation,
      createdAt: row.created_at,
      lastActivity: row.last_activity,
    },
  ];
}
