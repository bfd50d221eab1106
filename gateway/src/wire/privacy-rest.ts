/** `/api/people/ID/removal` and `DELETE /api/people/ID`: deleting a person, and what it would do. */
import { z } from 'zod';

export interface RemovalModel {
  readonly name: string;
  /** Those in the trash among them. */
  readonly worksheets: number;
  /** Of these, the ones that others use: they are removed too, or given to somebody. */
  readonly shared: readonly { readonly title: string; readonly people: number }[];
  /** That run and will be ended. */
  readonly kernels: number;
  /** Worksheets of others that are shared with them, which stay. */
  readonly leaves: number;
}

/** The name is typed again, so that nobody is deleted by a slip. `give_to`: the name of who gets shared worksheets. */
export const deletePersonBody = z.strictObject({
  name: z.string().min(1).max(64),
  give_to: z.string().min(1).max(64).optional(),
});
