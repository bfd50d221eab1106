/** Whether Carrel itself answers. That it does not run is no fault: the other checks are for before the first start too. */
import { type Family, failed, type Outcome, passed, unknown } from '../check.ts';
import { type Answer, isSeen, type Seen } from '../facts.ts';

const judge = (answer: Seen<Answer>, other: Seen<Answer>): Outcome => {
  if (!isSeen(answer)) return unknown(answer.unseen);
  if (answer.state === 'answers') return passed(answer.found);
  const half = isSeen(other) && other.state === 'answers';
  return answer.state === 'silent' || half
    ? failed(answer.found)
    : unknown(`${answer.found}: Carrel does not run here`);
};

export const running: Family = {
  id: 'running',
  title: 'Carrel',
  checks: [
    {
      id: 'warden-answers',
      title: 'the warden answers',
      why: 'Without it no worksheet can be opened; those that run go on.',
      expected: 'the warden answers on its socket within 5 s and reaches its engine',
      mend: 'the log tells why: data/carrel.log, or docker compose logs warden',
      look: ({ running: { warden, gateway } }) => judge(warden, gateway),
    },
    {
      id: 'gateway-answers',
      title: 'the gateway answers',
      why: 'It is what people reach.',
      expected: 'the gateway answers on CARREL_BIND and CARREL_PORT within 5 s',
      mend: 'the log tells why: data/carrel.log, or docker compose logs gateway',
      look: ({ running: { warden, gateway } }) => judge(gateway, warden),
    },
  ],
};
