/** Asks the address that people use, as a browser would: its certificate, and whether it sends HSTS. */
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { checkServerIdentity } from 'node:tls';
import { noCertificate } from '../checks/site.ts';
import { type CertificateFacts, type SiteFacts, unseen } from '../facts.ts';

/** Milliseconds for the whole of it. */
const PATIENCE = 5000;

export async function siteFacts(publicUrl: string | undefined): Promise<SiteFacts> {
  const none = noCertificate(publicUrl);
  if (none !== undefined || publicUrl === undefined) return both(none ?? 'CARREL_PUBLIC_URL is not set');
  try {
    return await ask(new URL(publicUrl));
  } catch (error) {
    return both(`${publicUrl} does not answer from here: ${(error as Error).message}`);
  }
}

const both = (why: string): SiteFacts => ({ certificate: unseen(why), hsts: unseen(why) });

function ask(url: URL): Promise<SiteFacts> {
  return new Promise((done, fail) => {
    /** What the certificate is worth is told, not enforced: nothing of the answer but its headers is used. */
    const asked = request(
      url,
      { method: 'GET', rejectUnauthorized: false, agent: false, timeout: PATIENCE },
      (answer) => {
        answer.resume();
        const hsts = String(answer.headers['strict-transport-security'] ?? '');
        const seconds = Number(/max-age="?(\d+)/i.exec(hsts)?.[1] ?? 0);
        done({ certificate: certificateOf(answer.socket as TLSSocket, url.hostname), hsts: seconds });
        asked.destroy();
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    asked.on('error', fail);
    asked.end();
  });
}

function certificateOf(socket: TLSSocket, host: string): CertificateFacts {
  const certificate = socket.getPeerCertificate();
  const names = (certificate.subjectaltname ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '');
  /** Undefined too where only the name is wrong, which is a check of its own. */
  const distrust = socket.authorized ? undefined : String(socket.authorizationError ?? '');
  return {
    host,
    validFrom: Date.parse(certificate.valid_from),
    validTo: Date.parse(certificate.valid_to),
    names,
    matches: checkServerIdentity(host.replace(/^\[|\]$/g, ''), certificate) === undefined,
    ...(distrust === undefined || distrust.includes('ALTNAME') ? {} : { distrust }),
    protocol: socket.getProtocol() ?? 'unknown',
  };
}
