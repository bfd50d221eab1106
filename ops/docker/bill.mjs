/**
 * `bill.mjs NPM.json STATUS`, in the build of the images: npm's bill of materials (CycloneDX) together with Node and the packages of
 * Debian (dpkg's list), on standard output.
 */
import { readFileSync } from 'node:fs';

const [npm = '', status = ''] = process.argv.slice(2);
const bill = JSON.parse(readFileSync(npm, 'utf8'));
const node = {
  'bom-ref': `pkg:generic/node@${process.versions.node}`,
  type: 'application',
  name: 'node',
  version: process.versions.node,
  purl: `pkg:generic/node@${process.versions.node}`,
};
bill.components = [...(bill.components ?? []), node, ...readFileSync(status, 'utf8').split('\n\n').flatMap(component)];
process.stdout.write(`${JSON.stringify(bill, undefined, 1)}\n`);

/**
 * Of one paragraph of dpkg's list; none for a package that is not installed.
 * @param {string} paragraph
 */
function component(paragraph) {
  /** @param {string} name */
  const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1];
  const [name, version] = [field('Package'), field('Version')];
  if (name === undefined || version === undefined || !/ ok installed$/m.test(field('Status') ?? '')) return [];
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${field('Architecture')}&distro=debian-13`;
  return [{ 'bom-ref': purl, type: 'library', name, version, purl, supplier: { name: 'Debian' } }];
}
