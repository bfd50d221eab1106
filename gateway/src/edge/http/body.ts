/** Reads a request's body as JSON, whatever its Content-Type says: Jupyter's clients differ in what they send there. */
import { json, type Request, type Response, raw } from 'express';
import type { z } from 'zod';
import { CarrelError } from '../../base/errors.ts';
import { checkJson, JsonBoundError, JsonError } from '../../wire/json-scan.ts';

/** Servers in front send their whole environment along; 128 KiB and more occur. */
const LIMIT = 1024 * 1024;

/** How a text of UTF-8 may begin; express drops it. */
const BOM = Buffer.from('\uFEFF');

/** Before anything is built of it. An empty body is read as `{}`. */
function check(body: Buffer): void {
  if (body.length > 0) checkJson(BOM.equals(body.subarray(0, BOM.length)) ? body.subarray(BOM.length) : body);
}

const parser = (limit: number) =>
  json({ limit, strict: false, type: () => true, verify: (_request, _response, body) => check(body) });
const parse = parser(LIMIT);

/** The body as the schema has it; an empty one is `undefined` to the schema. `limit`: bytes. */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  response: Response,
  schema: Schema,
  limit = LIMIT,
): Promise<z.output<Schema>> {
  await new Promise<void>((done, fail) => {
    const read = limit === LIMIT ? parse : parser(limit);
    read(request, response, (error?: unknown) => (error === undefined ? done() : fail(readable(error, limit))));
  });
  const parsed = schema.safeParse(request.body);
  if (parsed.success) return parsed.data;
  throw new CarrelError('bad_request', `the body is not as expected: ${oneLine(parsed.error)}`);
}

/** The body as it is. `limit`: bytes. */
export async function readBytes(request: Request, response: Response, limit: number): Promise<Uint8Array> {
  const read = raw({ limit, type: () => true });
  await new Promise<void>((done, fail) => {
    read(request, response, (error?: unknown) => (error === undefined ? done() : fail(readable(error, limit))));
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : new Uint8Array();
}

const oneLine = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map(
      (issue) => `${issue.path.length > 0 ? `${issue.path.map(String).join('.').slice(0, 80)}: ` : ''}${issue.message}`,
    )
    .join('; ');

function readable(error: unknown, limit: number): unknown {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large')
    return new CarrelError('too_large', `the body is longer than ${limit} bytes`, { cause: error });
  if (error instanceof JsonBoundError)
    return new CarrelError('bad_request', `the body is too complex: ${error.message}`, { cause: error });
  if (type === 'entity.parse.failed' || error instanceof JsonError)
    return new CarrelError('bad_request', 'Invalid JSON in body of request', { cause: error });
  if (type !== undefined) return new CarrelError('bad_request', 'the body cannot be read', { cause: error });
  return error;
}
