/** REST of a Jupyter server over connections that are kept, as browsers do. */
import { Agent, request } from 'node:http';
import type { Server } from '../../test/support/jupyter.ts';
import { Channels } from './client.ts';

const agent = new Agent({ keepAlive: true });

/** Fails with the server's words where the status is not the expected one. */
export function ask(
  server: Server,
  method: string,
  path: string,
  expected: number,
  body: object = {},
): Promise<string> {
  const headers = { Authorization: `token ${server.token}`, 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(server.url + path, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject).once('end', () => {
        if (response.statusCode === expected) resolve(text);
        else reject(new Error(`expected ${expected} of ${method} ${path}, got ${response.statusCode}: ${text}`));
      });
    });
    asked.once('error', reject).end(method === 'POST' ? JSON.stringify(body) : undefined);
  });
}

/** Starts a kernel and answers its id. */
export async function startKernel(server: Server, name?: string): Promise<string> {
  const text = await ask(server, 'POST', '/api/kernels', 201, name === undefined ? {} : { name });
  return (JSON.parse(text) as { id: string }).id;
}

export const endKernel = (server: Server, id: string): Promise<string> =>
  ask(server, 'DELETE', `/api/kernels/${id}`, 204);

/** A kernel with one socket that has run a cell. */
export async function openKernel(server: Server, name?: string): Promise<{ id: string; channels: Channels }> {
  const id = await startKernel(server, name);
  const channels = await Channels.open(server, id);
  await channels.run('1+1');
  return { id, channels };
}
