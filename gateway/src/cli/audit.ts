/** `carrel audit …`: the audit log as JSON lines, and whether its chain holds. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { CarrelError } from '../base/errors.ts';
import { readSettings } from '../config/settings.ts';
import { openStore } from '../store/store.ts';
import { type Anchor, checkAudit } from '../telemetry/audit-check.ts';
import { AuditReader } from '../telemetry/audit-reader.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);

export function auditCommand(): Command {
  const audit = new Command('audit').description('who did what, when and from where');
  audit
    .command('export')
    .description('write the audit log to standard output, one line of JSON for each entry, the oldest first')
    .action(exportLines);
  audit
    .command('verify')
    .description('follow the chain of the audit log; exit status 1 where a line was removed or changed')
    .option('--noted <line>', 'a line that was noted earlier, as this command prints it: NUMBER:HASH', anchor)
    .action(verify);
  return audit;
}

async function exportLines(): Promise<void> {
  const { dataFolder, database } = readSettings(process.env);
  await using store = await openStore(dataFolder, database);
  await pipeline(Readable.from(new AuditReader(store).lines()), process.stdout, { end: false });
}

async function verify({ noted }: { readonly noted?: Anchor }): Promise<void> {
  const { dataFolder, database } = readSettings(process.env);
  await using store = await openStore(dataFolder, database);
  const { lines, forgotten, head, flaws, flawCount } = await checkAudit(store.audit, noted);
  for (const flaw of flaws) print(flaw);
  if (flawCount > 0)
    throw new CarrelError('conflict', `the audit log is not as it was written: ${flawCount} flaws, the first above`);
  print(`${lines} lines follow each other; the address of ${forgotten} was forgotten with its person`);
  print(`last line, to be noted elsewhere: ${head.seq}:${head.hash}`);
}

function anchor(text: string): Anchor {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new InvalidArgumentError('Expected NUMBER:HASH.');
  return { seq: Number(seq), hash };
}
