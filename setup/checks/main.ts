/** Runs all checks side by side and prints a line for each, then what the failed ones say. */
import { checks, runChecks } from './checks.ts';

const failed = await runChecks(checks, (line) => process.stdout.write(`${line}\n`));
process.stdout.write(`${checks.length - failed.length} checks passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
