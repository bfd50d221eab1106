/** What the Jupyter API calls sessions: which document of a person uses which kernel. A person has one session per path. */
import type { Kysely } from 'kysely';
import { isKernelId, isSessionId, type KernelId, type SessionId, storedUserId, type UserId } from '../base/ids.ts';
import { untilAlone } from './conflicts.ts';
import type { JupyterSessionRow, Tables } from './tables.ts';

export interface JupyterSession {
  readonly id: SessionId;
  readonly owner: UserId;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: KernelId;
  readonly createdAt: number;
}

export class JupyterSessions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Adds it, or replaces the one with its id, or else the one with its owner and path. */
  async put(session: JupyterSession): Promise<void> {
    const { id, ...rest } = toRow(session);
    await untilAlone(() =>
      this.#db.transaction().execute(async (db) => {
        await db
          .deleteFrom('jupyter_sessions')
          .where('user_id', '=', rest.user_id)
          .where('path', '=', rest.path)
          .where('id', '!=', id)
          .execute();
        await db
          .insertInto('jupyter_sessions')
          .values({ id, ...rest })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
          .execute();
      }),
    );
  }

  async ofUser(owner: UserId): Promise<JupyterSession[]> {
    const rows = await this.#db
      .selectFrom('jupyter_sessions')
      .selectAll()
      .where('user_id', '=', owner)
      .orderBy('created_at')
      .execute();
    return rows.flatMap(toSession);
  }

  async remove(id: SessionId): Promise<void> {
    await this.#db.deleteFrom('jupyter_sessions').where('id', '=', id).execute();
  }

  async removeOfKernel(kernel: KernelId): Promise<void> {
    await this.#db.deleteFrom('jupyter_sessions').where('kernel_id', '=', kernel).execute();
  }
}

const toRow = (session: JupyterSession): JupyterSessionRow => ({
  id: session.id,
  user_id: session.owner,
  path: session.path,
  name: session.name,
  type: session.type,
  kernel_id: session.kernel,
  created_at: session.createdAt,
});

function toSession(row: JupyterSessionRow): JupyterSession[] {
  const { id, kernel_id: kernel } = row;
  if (!isSessionId(id) || !isKernelId(kernel)) return [];
  const { path, name, type } = row;
  return [{ id, owner: storedUserId(row.user_id), path, name, type, kernel, createdAt: row.created_at }];
}
