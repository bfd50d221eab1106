/** The policies: do they hold together, fit the site's ceiling and the host, and are their images there. */
import { memoryShare } from '../../config/policy.ts';
import { formatSize } from '../../config/quantities.ts';
import { type Family, failed, type Outcome, passed, unknown, warning } from '../check.ts';
import { type Facts, isSeen, type PolicyFacts } from '../facts.ts';
import { few, ofEngine, seen } from './looking.ts';

const DAY = 86_400_000;
/** Debian mends its packages all the time; what is older than this misses a quarter of a year of it. */
const OLD_DAYS = 90;
/** Bytes that gateway, warden, engine and kernel need beside the sandboxes. */
const BESIDE = 2 ** 30;

const judge =
  (look: (policies: PolicyFacts & { site: NonNullable<PolicyFacts['site']> }, facts: Facts) => Outcome) =>
  (facts: Facts): Outcome =>
    seen(facts.policies, (policies) =>
      policies.site === undefined
        ? unknown('the policies cannot be read')
        : look({ ...policies, site: policies.site }, facts),
    );

export const policies: Family = {
  id: 'policies',
  title: 'Policies and images',
  checks: [
    {
      id: 'policies-ceiling',
      title: 'policies and the site’s ceiling',
      why: 'What a policy allows is what a worksheet can take.',
      expected: 'every policy can be read, and none exceeds the ceiling of site.yaml',
      mend: 'carrel policy check',
      look: (facts) =>
        seen(facts.policies, ({ problems, policies: all, folder }) =>
          problems.length === 0
            ? passed(`${all.length} policies in ${folder}, none beyond the ceiling`)
            : failed(few(problems, 2)),
        ),
    },
    {
      id: 'policies-memory',
      title: 'policies and the host’s memory',
      why: 'A policy that asks more than all sandboxes may have never starts; sandboxes that may have all of the host take it down.',
      expected: 'each policy fits the share of site.yaml, the pools together too, and 1 GiB of the host is left',
      mend: 'lower share.memory in policies/site.yaml, or memory and pool.min of the policy',
      look: judge(({ site, policies: all }, { engine }) => {
        if (!isSeen(engine)) return unknown('no engine answered, so the memory of its host is not known');
        const share = memoryShare(site, engine.memory);
        const shown = `${formatSize(share)} of ${formatSize(engine.memory)} for all sandboxes`;
        const large = all.filter(({ memory }) => memory > share);
        if (large.length > 0)
          return failed(`${shown}; ${few(large.map(({ name, memory }) => `${name} asks ${formatSize(memory)}`))}`);
        const pools = all.reduce((sum, { memory, pool }) => sum + memory * pool.min, 0);
        if (pools > share) return failed(`${shown}; the pools alone take ${formatSize(pools)}`);
        if (engine.memory - share < BESIDE)
          return warning(`${shown}: ${formatSize(Math.max(0, engine.memory - share))} left for everything else`);
        const standard = all.find(({ name }) => name === site.default);
        const room =
          standard === undefined
            ? ''
            : `: ${Math.min(site.share.sandboxes, Math.floor(share / standard.memory))} of ${standard.name} at once`;
        return passed(`${shown}${room}`);
      }),
    },
    {
      id: 'policies-processors',
      title: 'policies and the host’s processors',
      why: 'The engine refuses a sandbox that asks more processors than there are.',
      expected: 'no policy asks more processors than the engine’s host has',
      mend: 'lower cpus of the policy',
      look: judge(({ policies: all }, { engine }) => {
        if (!isSeen(engine)) return unknown('no engine answered');
        const large = all.filter(({ cpus }) => cpus > engine.cpus);
        return large.length === 0
          ? passed(`${engine.cpus} processors`)
          : failed(`${engine.cpus} processors; ${few(large.map(({ name, cpus }) => `${name} asks ${cpus}`))}`);
      }),
    },
    {
      id: 'images',
      title: 'images are there',
      why: 'Without its image a policy starts no sandbox; nothing is pulled on demand.',
      expected: 'the engine has the image of each policy',
      mend: 'npm start builds the kernel image; in compose docker compose pull, or carrel bundle --load FILE',
      look: ofEngine((_, facts) =>
        judge(({ policies: all, images, site }) =>
          seen(images, (there) => {
            const lacking = all.filter(({ image }) => there[image] === undefined);
            if (lacking.length === 0) return passed(few([...new Set(all.map(({ image }) => image))]));
            const shown = few(lacking.map(({ name, image }) => `${image} of ${name}`));
            return lacking.some(({ name }) => name === site.default)
              ? failed(`missing: ${shown}`)
              : warning(`missing: ${shown}`);
          }),
        )(facts),
      ),
    },
    {
      id: 'images-age',
      title: 'age of images',
      why: 'An image that is never built again keeps every hole that its packages had.',
      expected: `no image is older than ${OLD_DAYS} days`,
      mend: 'upgrade Carrel, or build the image again: docker rmi IMAGE, then npm start',
      look: ofEngine((_, { policies: facts, at }) =>
        seen(facts, ({ images }) =>
          seen(images, (there) => {
            const ages = Object.entries(there).flatMap(([name, image]) =>
              image === undefined ? [] : [{ name, days: Math.floor((at - image.created) / DAY) }],
            );
            if (ages.length === 0) return unknown('none of them is there');
            const old = ages.filter(({ days }) => days > OLD_DAYS);
            const show = (list: typeof ages) => few(list.map(({ name, days }) => `${name} ${days} days`));
            return old.length === 0 ? passed(show(ages)) : warning(show(old));
          }),
        ),
      ),
    },
  ],
};
