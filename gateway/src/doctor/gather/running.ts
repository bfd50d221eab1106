/** Asks warden and gateway whether they are there. */
import { stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:http';
import { http } from '../../base/node-http.ts';
import type { Settings } from '../../config/settings.ts';
import { wardenStatus } from '../../wire/warden-api.ts';
import { type Answer, isSeen, type RunningFacts, type Seen, unseen } from '../facts.ts';
import { why } from './files.ts';

/** Milliseconds. */
const PATIENCE = 5000;
const LARGEST = 1024 * 1024;

export async function runningFacts(settings: Settings, container: boolean): Promise<RunningFacts> {
  const [warden, gateway] = await Promise.all([askWarden(settings.wardenSocket), askGateway(settings)]);
  if (!container || !isSeen(gateway) || gateway.state !== 'away') return { warden, gateway };
  return { warden, gateway: unseen('the gateway runs in another container') };
}

async function askWarden(socket: string): Promise<Seen<Answer>> {
  try {
    if (!(await stat(socket)).isSocket()) return { state: 'silent', found: `${socket} is no socket` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'away', found: `nothing at ${socket}` } : unseen(why(socket, error));
  }
  try {
    const { status, body } = await get({ socketPath: socket, path: '/status' });
    const parsed = wardenStatus.safeParse(JSON.parse(body));
    if (status !== 200 || !parsed.success)
      return { state: 'silent', found: `${socket} answers ${status}, with something else` };
    const { engine, sandboxes, pools } = parsed.data;
    if (!engine.available) return { state: 'silent', found: `it answers, without an engine: ${engine.message}` };
    const ready = pools.reduce((sum, pool) => sum + pool.ready, 0);
    return { state: 'answers', found: `${sandboxes.used} of ${sandboxes.share} sandboxes, ${ready} of them ready` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return unseen(why(socket, error));
    return code === 'ECONNREFUSED'
      ? { state: 'away', found: `nobody listens at ${socket}` }
      : { state: 'silent', found: `${socket}: ${message}` };
  }
}

async function askGateway({ bind, port, base, publicUrl }: Settings): Promise<Seen<Answer>> {
  const host = ['0.0.0.0', '::'].includes(bind) ? '127.0.0.1' : bind;
  const shown = `${host}:${port}`;
  const name = publicUrl === undefined ? {} : { headers: { host: new URL(publicUrl).host } };
  try {
    const { status, body } = await get({ host, port, path: `${base}/api`, ...name });
    const version = (JSON.parse(body) as { version?: unknown }).version;
    return status === 200 && typeof version === 'string'
      ? { state: 'answers', found: `version ${version} at ${shown}` }
      : { state: 'silent', found: `${shown} answers ${status}, with something else` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED'
      ? { state: 'away', found: `nobody listens at ${shown}` }
      : {
          state: 'silent',
          found: `${shown}: ${error instanceof SyntaxError ? 'it is not Carrel that answers' : message}`,
        };
  }
}

function get(options: RequestOptions): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    const asked = http.get({ ...options, agent: false, timeout: PATIENCE }, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST) asked.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
      answer.on('error', fail);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    asked.on('error', fail);
  });
}
