/**
 * Which version of the Engine API to speak. Engines refuse versions below their own minimum (engine 29 refuses what is older
 * than 1.44), and answer unversioned requests with their newest one, which may not be known here.
 */
import { CarrelError } from '../../base/errors.ts';

/** Oldest API that has everything the plan asks for (private cgroup namespaces came with it); Docker 20.10. */
const OLDEST = '1.41';

/** Newest API whose changes were read. */
const NEWEST = '1.52';

/** The newest version that both sides know. Throws `engine_unavailable` where there is none. */
export function chooseApiVersion(engine: { newest: string; oldest: string | undefined }): string {
  if (compare(engine.newest, OLDEST) < 0) {
    throw new CarrelError(
      'engine_unavailable',
      `expected an engine with API ${OLDEST} or newer (Docker 20.10), got one with API ${engine.newest}`,
    );
  }
  const chosen = compare(engine.newest, NEWEST) < 0 ? engine.newest : NEWEST;
  if (engine.oldest !== undefined && compare(chosen, engine.oldest) < 0) {
    throw new CarrelError(
      'engine_unavailable',
      `expected an engine that still speaks API ${NEWEST}, got one whose oldest is ${engine.oldest}: a newer Carrel is needed`,
    );
  }
  return chosen;
}

function compare(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
