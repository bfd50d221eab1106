/** Reads a request's body as JSON, whatever its Content-Type says: Jupyter's clients differ in what they send there. */
import { json, type Request, type Response } from 'express';
import type { z } from 'zod';
import { CarrelError } from '../../base/errors.ts';

/** Servers in front send their whole environment along; 128 KiB and more occur. */
const LIMIT = 1024 * 1024;

const parse = json({ limit: LIMIT, strict: false, type: () => true });

/** The body as the schema has it; an empty one is `undefined` to the schema. */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  await new Promise<void>((done, fail) => {
    parse(request, response, (error?: unknown) => (error === undefined ? done() : fail(readable(error))));
  });
  const parsed = schema.safeParse(request.body);
  if (parsed.success) return parsed.data;
  throw new CarrelError('bad_request', `the body is not as expected: ${oneLine(parsed.error)}`);
}

const oneLine = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map(
      (issue) => `${issue.path.length > 0 ? `${issue.path.map(String).join('.').slice(0, 80)}: ` : ''}${issue.message}`,
    )
    .join('; ');

function readable(error: unknown): unknown {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large')
    return new CarrelError('too_large', `the body is longer than ${LIMIT} bytes`, { cause: error });
  if (type === 'entity.parse.failed')
    return new CarrelError('bad_request', 'Invalid JSON in body of request', { cause: error });
  if (type !== undefined) return new CarrelError('bad_request', 'the body cannot be read', { cause: error });
  return error;
}
