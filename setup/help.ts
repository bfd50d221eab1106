/** `npm start -- --help`. */
import { settingsHelp } from '../gateway/src/config/settings.ts';

process.stdout.write(`npm start: prepares what is missing (Node packages, container engine, images) and runs Carrel.
Ctrl-C stops it; its containers go with it.

Settings, from the environment (name, default, meaning):
${settingsHelp()}
`);
