/**
 * Bodies of the Jupyter REST API as clients send them. Unknown fields are ignored, as every server of this API does; an
 * empty body and `null` mean "nothing said".
 */
import { z } from 'zod';

const text = z.string().max(4096);
/** Clients write `null` where they leave a choice to the server. */
const choice = text.nullish().transform((value) => value || undefined);

export const startKernelBody = z
  .object({
    name: choice,
    env: z.record(z.string(), z.unknown()).nullish(),
    /** jupyter_server 2.21 lets a client choose the id. */
    kernel_id: choice,
  })
  .nullish();

const kernelChoice = z.object({ id: choice, name: choice }).nullish();

export const createSessionBody = z.preprocess(
  withLegacyPath,
  z.object({ path: text, type: text.min(1), name: text.nullish(), kernel: kernelChoice }),
);

export const patchSessionBody = z.preprocess(
  withLegacyPath,
  z.object({ path: text.nullish(), type: text.min(1).nullish(), name: text.nullish(), kernel: kernelChoice }).nullish(),
);

/** Clients of the notebook's first versions send `{"notebook": {"path": …}}` and mean a session of type notebook. */
function withLegacyPath(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('notebook' in body) || 'path' in body) return body;
  const { notebook } = body;
  if (typeof notebook !== 'object' || notebook === null || !('path' in notebook)) return body;
  const name = 'name' in notebook ? notebook.name : undefined;
  return { type: 'notebook', name, ...body, path: notebook.path };
}
