/** The largest variables of a kernel whose memory runs short, or ran out. */
import type { UnknownVariables, VariableSize } from '../../../src/wire/memory-facts.ts';
import { size } from '../shared/size.ts';
import { t } from '../texts/texts.ts';

export function VariablesList({ variables }: { variables: readonly VariableSize[] | UnknownVariables }) {
  if (variables === 'kernel') return <p>{t.execution.kernelCannotTell}</p>;
  if (variables === 'sudden') return <p>{t.execution.notAsked}</p>;
  if (variables.length === 0) return <p>{t.execution.noLargeVariable}</p>;
  return (
    <table className="variables">
      <caption>{t.execution.largest}</caption>
      <tbody>
        {variables.map(({ name, type, size: bytes }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{type}</td>
            <td className="size">{size(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
