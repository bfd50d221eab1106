/** `npm run endure -- --minutes 30 --worksheets 60 --seed 7`. Exits with 1 where something was lost, run twice, leaked, or grew. */
import { parseArgs } from 'node:util';
import { ensureEngine } from '../../setup/engine.ts';
import { ensureKernelImage, IMAGE } from '../../setup/kernel-image.ts';
import { endure } from './endure.ts';
import { type Part, parts } from './installation.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    worksheets: { type: 'string', default: '60' },
    gateways: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kill: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});
const print = (line: string) => void process.stdout.write(`${line}\n`);
const number = (name: 'minutes' | 'worksheets' | 'gateways' | 'seed') => {
  const found = Number(values[name]);
  if (Number.isFinite(found) && found > 0) return found;
  process.stderr.write(`expected a number for --${name}, got ${values[name]}\n`);
  process.exit(2);
};
const kill = values.kill.split(',').filter(Boolean);
const unknown = kill.filter((name) => !parts.includes(name as Part));
if (unknown.length > 0) {
  process.stderr.write(`expected parts to kill (${parts.join(', ')}), got ${unknown.join(', ')}\n`);
  process.exit(2);
}
const [minutes, worksheets, seed] = [number('minutes'), number('worksheets'), number('seed')];
print(`--minutes ${minutes} --worksheets ${worksheets} --seed ${seed}`);
try {
  await ensureKernelImage(await ensureEngine());
  const { counts, kills, away, problems, grown } = await endure({
    ...{
      minutes,
      worksheets,
      gateways: number('gateways'),
      seed,
      image: IMAGE,
      kill: kill as Part[],
      keep: values.keep,
      print,
    },
  });
  print(`killed: ${JSON.stringify(kills)}`);
  print(`done: ${JSON.stringify(counts)}`);
  if (away.length > 0) print(`until a gateway answers again: at most ${Math.max(...away).toFixed(2)} s`);
  for (const [name, bytes] of Object.entries(grown)) print(`${name}: ${(bytes / 2 ** 20).toFixed(1)} MiB more`);
  for (const problem of problems) print(`WRONG ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
} catch (error) {
  print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
print(
  process.exitCode === 1
    ? 'the long run FAILED'
    : 'the long run passed: nothing lost, nothing run twice, nothing leaked',
);
