/** The warden's own process on the stand-in engine: `warden.ts SOCKET START_MS`, settings from the environment as always. */
import { runWarden } from '../../gateway/src/app/warden-process.ts';
import { readSettings } from '../../gateway/src/config/settings.ts';
import { StandInEngine } from './stand-in-engine.ts';

const [, , path = '', startMs = '0'] = process.argv;
process.once('disconnect', () => process.exit());
await runWarden(readSettings(process.env), new StandInEngine(path, Number(startMs)));
