/** `carrel first-start`: what the service `init` of `compose.yaml` runs. */
import { Command } from 'commander';

export const firstStartCommand = (): Command =>
  new Command('first-start')
    .description('make the secrets and folders of the Compose stack; run by its service init')
    .requiredOption('--folder <folder>', 'where the volumes are mounted, each under its name')
    .action(async ({ folder }: { folder: string }) => {
      const { prepareVolumes } = await import('../release/first-start.ts');
      const made = prepareVolumes(folder);
      const told = made.length === 0 ? 'nothing to do: all secrets are there' : `made ${made.join(', ')}`;
      process.stdout.write(`${told}\n`);
    });
