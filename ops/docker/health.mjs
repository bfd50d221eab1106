/** The health checks of the containers: `health.mjs gateway|warden`. Exit status 0 where it answers; else the reason is printed. */
import { existsSync, readdirSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { becomeWarden } from './warden-user.mjs';

const BASE = (process.env['CARREL_BASE_URL'] ?? '/').replace(/\/$/, '');
const PORT = process.env['CARREL_PORT'] ?? '8888';
const SOCKET = process.env['CARREL_WARDEN_SOCKET'] ?? '/var/lib/carrel/warden.sock';
const PATIENCE = 4000;

/** @type {Record<string, import('node:http').RequestOptions>} */
const ADDRESSES = {
  gateway: { host: '127.0.0.1', port: PORT, path: `${BASE}/readyz` },
  warden: { socketPath: SOCKET, path: '/status' },
};

const part = process.argv[2] ?? 'gateway';
becomeWarden();
const asked = get({ ...ADDRESSES[part], timeout: PATIENCE }, (answer) => {
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  answer.on('end', () =>
    end(answer.statusCode === 200 ? healthOf(part, text) : `status ${answer.statusCode}: ${text}`),
  );
});
asked.on('timeout', () => end('no answer in time'));
asked.on('error', (error) => end(part === 'gateway' && standsBy() ? undefined : error.message));

/** Another gateway works on the database: this one answers nobody, and is in order. */
function standsBy() {
  const marks = readdirSync(tmpdir()).flatMap((name) => /^carrel-standby-(\d+)$/.exec(name)?.[1] ?? []);
  return marks.some((pid) => existsSync(`/proc/${pid}`));
}

/**
 * What is wrong, or undefined. A warden is in order as long as its engine answers.
 * @param {string} part
 * @param {string} text
 */
function healthOf(part, text) {
  if (part !== 'warden') return undefined;
  const { engine } = JSON.parse(text);
  return engine.available ? undefined : engine.message;
}

/** @param {string | undefined} problem */
function end(problem) {
  if (problem !== undefined) process.stdout.write(`${problem}\n`);
  process.exit(problem === undefined ? 0 : 1);
}
