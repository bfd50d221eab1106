/** The REST calls about a worksheet's files; uploads tell how far they are. */
import { pathProblem } from '../../../src/wire/file-paths.ts';
import type { FileListModel } from '../../../src/wire/file-rest.ts';
import { ApiError, call, failed, worksheetPath, xsrf } from './api.ts';
import { address } from './root.ts';

export type { FileListModel, FileModel } from '../../../src/wire/file-rest.ts';
export { pathProblem };

const at = (id: string, path: string) =>
  `${worksheetPath(id)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;

export interface Sending {
  /** Fails with ApiError; where it was cancelled with one without a message. */
  readonly done: Promise<void>;
  readonly cancel: () => void;
}

export const fileApi = {
  list: (id: string) => call<FileListModel>('GET', `${worksheetPath(id)}/files`),
  remove: (id: string, path: string) => call<undefined>('DELETE', at(id, path)),
  address: (id: string, path: string) => address(at(id, path)),

  /** `told`: bytes that have gone out so far. `fetch` does not say. */
  send(id: string, path: string, file: Blob, told: (sent: number) => void): Sending {
    const request = new XMLHttpRequest();
    const done = new Promise<void>((resolve, reject) => {
      request.upload.addEventListener('progress', ({ loaded }) => told(loaded));
      request.addEventListener('load', () => {
        if (request.status === 204) resolve();
        else reject(failed(request.status, jsonOf(request.responseText)));
      });
      for (const end of ['error', 'abort', 'timeout']) request.addEventListener(end, () => reject(new ApiError(0, '')));
    });
    request.open('PUT', address(at(id, path)));
    request.setRequestHeader('X-XSRFToken', xsrf());
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.send(file);
    return { done, cancel: () => request.abort() };
  },
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
