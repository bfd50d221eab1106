/** Whether this Carrel can do its work, and facts about the gateway that answers. */
import { size } from '../shared/size.ts';
import { timeAgo } from '../shared/time-ago.ts';
import { language } from '../texts/texts.ts';
import { inLanguage } from '../texts/told.ts';
import { adminApi, type HealthModel } from './admin-api.ts';
import { Fresh } from './fresh.tsx';
import { ta } from './texts.ts';
import { usePoll } from './use-poll.ts';

export function HealthView() {
  const polled = usePoll(adminApi.health);
  const { answer } = polled;
  return (
    <section aria-label={ta.health}>
      <Fresh {...polled} />
      {answer !== undefined && (
        <>
          <p className={answer.ready ? 'verdict' : 'verdict bad'} role="status">
            {answer.ready ? ta.isReady : ta.isNotReady}
          </p>
          <ul className="checks">
            {answer.checks.map(({ check, passed, message, told }) => (
              <li key={check} data-passed={passed}>
                <h2>
                  {ta.checks[check]}: {passed ? ta.passed : ta.failed}
                </h2>
                <p>{inLanguage(message, told)}</p>
              </li>
            ))}
          </ul>
          <h2>{ta.facts}</h2>
          <dl className="facts-list">
            {factsOf(answer).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <p className="note">{ta.doctor}</p>
        </>
      )}
    </section>
  );
}

const factsOf = (health: HealthModel): readonly (readonly [string, string])[] => [
  [ta.version, health.version],
  [ta.node, health.node],
  [ta.started, timeAgo(health.started, Date.now(), language)],
  [ta.process, size(health.memory)],
  [ta.sockets, String(health.sockets)],
  [ta.openWorksheets, String(health.worksheets)],
  [ta.documents, size(health.documents)],
  [ta.backup, health.backup === null ? ta.noBackup : timeAgo(health.backup, Date.now(), language)],
];
