/** The address that people use: certificate, names, HSTS, and whom the gateway believes about where people come from. */
import { type Family, failed, passed, warning } from '../check.ts';
import { few, seen } from './looking.ts';

const DAY = 86_400_000;
/** Automatic certificates are renewed 30 days before their end: fewer left means that renewing fails. */
const RENEW_DAYS = 14;
/** Half a year in seconds. */
const LEAST_HSTS = 15_552_000;
const LOOPBACK = /^(127\.|::1$|localhost$)/;

export const site: Family = {
  id: 'site',
  title: 'Address and TLS',
  checks: [
    {
      id: 'certificate',
      title: 'certificate',
      why: 'With one that has ended or that nobody believes, browsers turn people away, or people learn to ignore the warning.',
      expected: `the certificate of CARREL_PUBLIC_URL is valid, believed by this host, and good for ${RENEW_DAYS} days more; TLS is 1.2 or newer`,
      mend: 'docker compose logs proxy tells why it was not renewed; with a certificate of your own: put the new one in its place and restart the proxy',
      look: ({ site: { certificate }, at }) =>
        seen(certificate, ({ host, validFrom, validTo, distrust, protocol }) => {
          const days = Math.floor((validTo - at) / DAY);
          const until = new Date(validTo).toISOString().slice(0, 10);
          if (validTo <= at) return failed(`${host}: ended on ${until}`);
          if (validFrom > at)
            return failed(`${host}: begins on ${new Date(validFrom).toISOString().slice(0, 10)}; is the clock right?`);
          if (protocol === 'TLSv1' || protocol === 'TLSv1.1')
            return failed(`${host}: ${protocol}`, 'allow TLS 1.2 and 1.3 alone in the proxy');
          if (days < RENEW_DAYS) return warning(`${host}: ends in ${days} days, on ${until}`);
          if (distrust !== undefined)
            return warning(`${host}: good until ${until}, but this host does not believe it: ${distrust}`);
          return passed(`${host}: good until ${until} (${days} days), ${protocol}`);
        }),
    },
    {
      id: 'certificate-names',
      title: 'names of the certificate',
      why: 'Browsers refuse a certificate of another name.',
      expected: 'the certificate is for the host of CARREL_PUBLIC_URL',
      mend: 'get a certificate for the name in CARREL_PUBLIC_URL, or set CARREL_PUBLIC_URL to a name that it has',
      look: ({ site: { certificate } }) =>
        seen(certificate, ({ host, names, matches }) =>
          matches ? passed(few(names)) : failed(`${host} is not among ${names.length === 0 ? 'none' : few(names)}`),
        ),
    },
    {
      id: 'hsts',
      title: 'HSTS',
      why: 'Without it the first visit of each browser may be led to plain HTTP by somebody on the way.',
      expected: 'answers carry Strict-Transport-Security for half a year or more',
      mend: 'CARREL_PUBLIC_URL=https://NAME lets the gateway send it; let the proxy pass it on',
      look: ({ site: { hsts } }) =>
        seen(hsts, (seconds) =>
          seconds >= LEAST_HSTS ? passed(`${seconds} s`) : warning(seconds === 0 ? 'none' : `${seconds} s`),
        ),
    },
    {
      id: 'proxies',
      title: 'whose X-Forwarded-For is believed',
      why: 'Without the true address, limits of attempts count all people as one, and the audit log names the proxy.',
      expected: 'where the gateway listens for others, CARREL_PROXIES names the proxy in front',
      mend: 'CARREL_PROXIES=the address from which the proxy comes',
      look: ({ settings }) =>
        seen(settings, ({ bind, publicUrl, proxies }) => {
          const shown = proxies.join(', ') || 'nobody';
          if (publicUrl === undefined || LOOPBACK.test(bind)) return passed(shown);
          return proxies.every((address) => LOOPBACK.test(address))
            ? warning(`${shown}, and the proxy comes from elsewhere`)
            : passed(shown);
        }),
    },
  ],
};

/** Why there is no certificate to look at; undefined where there is one. */
export function noCertificate(publicUrl: string | undefined): string | undefined {
  if (publicUrl === undefined) return 'CARREL_PUBLIC_URL is not set';
  return publicUrl.startsWith('https:') ? undefined : `CARREL_PUBLIC_URL is ${publicUrl}, without TLS`;
}
