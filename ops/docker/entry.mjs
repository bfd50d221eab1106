/** The first code that runs in a container of ours. Nothing goes on as root but `first-start`, which has no network. */
import { becomeWarden } from './warden-user.mjs';

/** Gives the volumes to their users. */
const FIRST_START = 'first-start';

if (process.argv[2] !== FIRST_START) becomeWarden();
await import('../../gateway/src/cli/main.ts');
