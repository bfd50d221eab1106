/** The REST calls of the pages, with the proof that they come from this site. */

import type { NamedMessage } from '../../../src/wire/told.ts';
import type { WorksheetModel } from '../../../src/wire/worksheet-rest.ts';
import { inLanguage } from '../texts/told.ts';
import { address } from './root.ts';

export type { WorksheetModel, WorksheetRole } from '../../../src/wire/worksheet-rest.ts';

/** What the server said about a request that failed, in the page's language; `status` is 0 where it could not be reached. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a kernelspec's policy gives: bytes, processors, and milliseconds of a cell's longest run, of rest, and of life. */
export interface PolicyFacts {
  readonly policy: string;
  readonly description: string;
  readonly memory: number;
  readonly cpus: number;
  readonly cell?: number;
  readonly idle?: number;
  readonly life?: number;
}

export interface KernelspecList {
  readonly default: string;
  readonly kernelspecs: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly spec: {
          readonly display_name: string;
          readonly language?: string;
          readonly metadata?: { readonly carrel?: PolicyFacts };
        };
      }
    >
  >;
}

export interface Me {
  readonly identity: { readonly id: string; readonly display_name: string };
}

/** The proof that a request comes from this site. */
export const xsrf = (): string => /(?:^|; )_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The answer's JSON, undefined where it has none. A file goes as it is, anything else as JSON. Throws ApiError. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const content = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(address(path), {
      method,
      headers: { 'Content-Type': 'application/json', 'X-XSRFToken': xsrf() },
      ...(content === undefined ? {} : { body: content }),
    });
  } catch {
    throw new ApiError(0, '');
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  throw failed(response.status, answer);
}

/** What the server answered instead, if it said so. */
export function failed(status: number, answer: unknown): ApiError {
  const { message, told } = (answer ?? {}) as { message?: unknown } & NamedMessage;
  return new ApiError(status, typeof message === 'string' ? inLanguage(message, told) : String(status));
}

export const worksheetPath = (id: string) => `api/worksheets/${encodeURIComponent(id)}`;
const at = worksheetPath;

export const api = {
  me: () => call<Me>('GET', 'api/me'),
  kernelspecs: () => call<KernelspecList>('GET', 'api/kernelspecs'),
  signOut: () => call<undefined>('POST', 'api/signout'),
  list: (trashed: boolean) => call<WorksheetModel[]>('GET', trashed ? 'api/worksheets?trashed=1' : 'api/worksheets'),
  get: (id: string) => call<WorksheetModel>('GET', at(id)),
  create: (body: { title?: string; kernelspec?: string }) => call<WorksheetModel>('POST', 'api/worksheets', body),
  importFile: (file: File) =>
    call<WorksheetModel>('POST', `api/worksheets/import?title=${encodeURIComponent(file.name)}`, file),
  rename: (id: string, title: string) => call<WorksheetModel>('PATCH', at(id), { title }),
  trash: (id: string) => call<undefined>('DELETE', at(id)),
  restore: (id: string) => call<WorksheetModel>('POST', `${at(id)}/restore`),
  duplicate: (id: string) => call<WorksheetModel>('POST', `${at(id)}/duplicate`),
  changeKernel: (id: string, kernelspec: string) => call<WorksheetModel>('PATCH', at(id), { kernelspec }),
  fullOutputAddress: (id: string, cell: string) => address(`${at(id)}/cells/${encodeURIComponent(cell)}/output.txt`),
  fileAddress: (id: string, kind: 'notebook' | 'python' | 'html') => address(`${at(id)}/${kind}`),
};
