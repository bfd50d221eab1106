/** A WebSocket that is lost for three seconds while a cell prints. */
import { randomUUID } from 'node:crypto';
import type { Carrel } from '../../test/support/carrel.ts';
import { Channels, isIdle } from '../support/client.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { endKernel, startKernel } from '../support/server.ts';
import { pause, withCarrel } from '../support/stage.ts';

const LINES = 50;
const EVERY_MS = 100;
const AWAY_MS = 3000;
const CODE = `import time\nfor i in range(${LINES}):\n    print("line", i)\n    time.sleep(${EVERY_MS / 1000})`;
const DROPPED_AT = 'line 8';

/** How many lines the client has not seen in the end, on both sockets together. */
async function lostLines(carrel: Carrel, reload: boolean): Promise<number> {
  const id = await startKernel(carrel);
  const first = await Channels.open(carrel, id);
  const cell = first.send(CODE);
  await first.until(
    cell.next(({ content }) => content.includes(DROPPED_AT)),
    'the first lines',
  );
  first.drop();
  await pause(AWAY_MS);
  const second = await Channels.open(carrel, id, reload ? randomUUID() : first.session, [cell]);
  /** A reply goes to the session that asked; a new one sees the cell's idle. */
  const end: Promise<unknown> = reload ? cell.next(isIdle) : cell.done;
  await second.until(end, 'the end of the cell on the new socket');
  second.drop();
  await endKernel(carrel, id);
  const seen = new Set(cell.text.split('\n'));
  return Array.from({ length: LINES }, (_, index) => `line ${index}`).filter((line) => !seen.has(line)).length;
}

export const drop: Row = {
  name: 'drop',
  suite: 'figures',
  title: 'lines lost when the socket is gone for 3 s, same and new session',
  async measure(bench) {
    const count = bench.quick ? 1 : 5;
    return await withCarrel(bench, {}, async (carrel) => {
      const all = (reload: boolean) => Promise.all(Array.from({ length: count }, () => lostLines(carrel, reload)));
      const how = `a cell prints ${LINES} lines, one every ${EVERY_MS} ms; its socket is cut at "${DROPPED_AT}" and opened again ${AWAY_MS / 1000} s later; lines that came on neither socket`;
      const one = (name: string, title: string, session: string, samples: number[]) =>
        figure({
          name,
          title,
          how: `${how}; ${session}; ${count} at once`,
          unit: 'lines',
          samples,
          targets: { max: 0 },
        });
      return {
        figures: [
          one('drop.same', 'socket dropped for 3 s: lines lost, same session', 'the same session_id', await all(false)),
          one(
            'drop.new',
            'socket dropped for 3 s: lines lost, new session (page reload)',
            'a new session_id',
            await all(true),
          ),
        ],
      };
    });
  },
};
