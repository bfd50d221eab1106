/** `npm run soak -- --minutes 60 --seed 7`: the long run by hand. Exits with 1 where something was lost, wrong, or grew. */
import { parseArgs } from 'node:util';
import { ensureEngine } from '../../../setup/engine.ts';
import { ensureKernelImage, IMAGE } from '../../../setup/kernel-image.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kernel: { type: 'string', default: 'python3' },
    image: { type: 'string' },
    desks: { type: 'string', default: '2' },
    pause: { type: 'string', default: '20' },
  },
});
const print = (line: string) => void process.stdout.write(`${line}\n`);
const number = (name: 'minutes' | 'seed' | 'desks' | 'pause') => {
  const found = Number(values[name]);
  if (!Number.isFinite(found) || found < 0) {
    process.stderr.write(`expected a number for --${name}, got ${values[name]}\n`);
    process.exit(2);
  }
  return found;
};

print(
  `seed ${number('seed')}: --minutes ${values.minutes} --seed ${values.seed} --kernel ${values.kernel} --desks ${values.desks}`,
);
try {
  const engine = await ensureEngine();
  if (values.image === undefined) await ensureKernelImage(engine);
  const { counts, acts, findings } = await soak({
    seconds: number('minutes') * 60,
    seed: number('seed'),
    kernel: values.kernel,
    image: values.image ?? IMAGE,
    desks: number('desks'),
    pause: number('pause'),
    print,
  });
  print(JSON.stringify(counts));
  print(JSON.stringify(acts));
  for (const { what, grown, most } of findings) {
    const wrong = grown > most;
    print(`${wrong ? 'GREW' : 'ok  '} ${what}: ${Math.round(grown)}, at most ${Math.round(most)}`);
    if (wrong) process.exitCode = 1;
  }
} catch (error) {
  print(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
print(process.exitCode === 1 ? 'the long run FAILED' : 'the long run passed');
