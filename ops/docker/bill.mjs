/**
 * `bill.mjs STATUS`, in the build of the images: the bill of materials (CycloneDX 1.5) on standard output. The Node packages are those of
 * package-lock.json that are not for development alone and that are installed: pages are built from some, the server loads others. To
 * these come Node itself and the packages of Debian (dpkg's list). npm's own command leaves out what is a peer of another package.
 */
import { existsSync, readFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const paragraphs = readFileSync(process.argv[2] ?? '/var/lib/dpkg/status', 'utf8').split('\n\n');
const node = component('application', 'node', process.versions.node, `pkg:generic/node@${process.versions.node}`);
const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: { component: component('application', lock.name, lock.version, `pkg:npm/${lock.name}@${lock.version}`) },
  components: [...Object.entries(lock.packages).flatMap(ofNpm), node, ...paragraphs.flatMap(ofDebian)],
};
process.stdout.write(`${JSON.stringify(bill, undefined, 1)}\n`);

/**
 * @param {string} type
 * @param {string} name
 * @param {string} version
 * @param {string} purl
 */
function component(type, name, version, purl) {
  return { type, name, version, purl, 'bom-ref': purl };
}

/** @param {[string, Record<string, any>]} entry */
function ofNpm([path, { dev, name, version, license, integrity }]) {
  if (path === '' || dev === true || !existsSync(path)) return [];
  const own = name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const made = component('library', own, version, `pkg:npm/${own.replace('@', '%40')}@${version}`);
  return [{ ...made, ...licenseOf(license), ...hashOf(integrity) }];
}

/** @param {string | undefined} license */
function licenseOf(license) {
  if (license === undefined) return {};
  return { licenses: [/[ (]/.test(license) ? { expression: license } : { license: { name: license } }] };
}

/** @param {string | undefined} integrity */
function hashOf(integrity) {
  const digest = integrity?.match(/^sha512-(\S+)/)?.[1];
  if (digest === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] };
}

/**
 * Of one paragraph of dpkg's list; none for a package that is not installed.
 * @param {string} paragraph
 */
function ofDebian(paragraph) {
  /** @param {string} name */
  const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1];
  const [name, version] = [field('Package'), field('Version')];
  if (name === undefined || version === undefined || !/ ok installed$/.test(field('Status') ?? '')) return [];
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${field('Architecture')}&distro=debian-13`;
  return [component('library', name, version, purl)];
}
