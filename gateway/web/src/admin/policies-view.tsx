/** The policies as they were loaded: every value with the place where it stands, and what bounds it. */
import { adminApi, type PolicyValue } from './admin-api.ts';
import { Fresh } from './fresh.tsx';
import { ta } from './texts.ts';
import { usePoll } from './use-poll.ts';

export function PoliciesView() {
  const polled = usePoll(adminApi.policies);
  const { answer } = polled;
  return (
    <section aria-label={ta.policies}>
      <p className="note">{ta.policiesNote}</p>
      <Fresh {...polled} />
      {answer?.policies.map(({ name, title, description, values }) => (
        <details key={name} className="policy-file">
          <summary>
            <h2>{name}</h2> {title !== name && <span className="faint">{title}</span>}
          </summary>
          <p>{description}</p>
          <Values label={name} values={values} />
        </details>
      ))}
      {answer !== undefined && (
        <details className="policy-file">
          <summary>
            <h2>{ta.site}</h2>
          </summary>
          <Values label={ta.site} values={answer.site} />
        </details>
      )}
    </section>
  );
}

function Values({ label, values }: { label: string; values: readonly PolicyValue[] }) {
  return (
    <table className="values" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{ta.key}</th>
          <th scope="col">{ta.value}</th>
          <th scope="col">{ta.source}</th>
        </tr>
      </thead>
      <tbody>
        {values.map(({ key, value, source, ceiling }) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td>
              {value}
              {ceiling !== null && (
                <span className="faint">
                  {' '}
                  ({ta.ceiling} {ceiling.value}, {ceiling.source})
                </span>
              )}
            </td>
            <td className="faint">{source}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
