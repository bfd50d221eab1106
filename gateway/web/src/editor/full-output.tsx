/** Where all of a cell's output can be had, while its sandbox lives. */
import { idOf, type YCell } from '../document/schema.ts';
import { api } from '../shared/api.ts';
import { size } from '../shared/size.ts';
import { usePart } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';

export function FullOutputLink({ cell }: { cell: YCell }) {
  const worksheet = useWorksheet();
  const id = idOf(cell);
  const bytes = usePart(
    worksheet.connection.status,
    (status) => status?.fullOutputs.find((each) => each.cell === id)?.bytes,
  );
  if (bytes === undefined) return null;
  return (
    <p className="full-output">
      <a href={api.fullOutputAddress(worksheet.id, id)} download>
        {t.execution.fullOutput(size(bytes))}
      </a>
    </p>
  );
}
