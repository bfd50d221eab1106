/** What is true about the document, and who is here. */
import { useEffect, useSyncExternalStore } from 'react';
import { onOthers, type Person, readPerson } from '../document/people.ts';
import { type SaveLine, saveLine } from '../line/save-state.ts';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import { roleMay } from './rights.ts';

export function StateLine() {
  const { connection, role: known } = useWorksheet();
  const role = useValue(known);
  const mayEdit = roleMay(role, 'edit');
  const withdrawn = useValue(connection.withdrawn);
  /** What will not be saved is counted. */
  const save = useValue(mayEdit && !withdrawn ? connection.shownSave : connection.save);
  const waiting = useValue(connection.waiting);
  const line = saveLine(save, withdrawn ? 'withdrawn' : mayEdit ? undefined : 'mayNotEdit');
  const text = textOf(line);
  const unsent = save.edits > 0 || (save.line !== 'live' && waiting.length > 0);
  useEffect(() => {
    if (!unsent) return;
    const warn = (event: BeforeUnloadEvent) => {
      const { edits, line: state } = connection.save.get();
      if (edits > 0 || state !== 'live') event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [unsent, connection]);
  return (
    <p className="save" data-say={line.say} role="status">
      {text}
      {!withdrawn && (role === 'viewer' || role === 'runner') && <span className="role">{t.share.you[role]}</span>}
      {!withdrawn && save.line !== 'live' && waiting.length > 0 && <span className="note"> {t.stillUnsent}</span>}
    </p>
  );
}

function textOf(line: SaveLine): string {
  switch (line.say) {
    case 'offlineEdits':
      return t.offlineEdits(line.count);
    case 'notTaken':
      return t.share.notTaken(line.count);
    case 'withdrawn':
      return t.share.withdrawnLine;
    default:
      return t[line.say];
  }
}

export function People() {
  const { connection } = useWorksheet();
  const awareness = connection.awareness;
  const names = useSyncExternalStore(
    (changed) => {
      if (awareness === null) return () => {};
      return onOthers(awareness, changed);
    },
    /** As text, which is equal where nobody came or went. */
    () => JSON.stringify(awareness === null ? [] : others(awareness.getStates(), awareness.clientID)),
  );
  const people = JSON.parse(names) as Pick<Person, 'client' | 'name' | 'hue'>[];
  if (people.length === 0) return null;
  return (
    <ul className="people" aria-label={t.people}>
      {people.slice(0, 8).map(({ client, name, hue }) => (
        <li key={client} className={`person hue-${hue}`} title={name}>
          <span aria-hidden="true">{name.slice(0, 2)}</span>
          <span className="for-readers">{name}</span>
        </li>
      ))}
      {people.length > 8 && <li className="person more">+{people.length - 8}</li>}
    </ul>
  );
}

const others = (states: ReadonlyMap<number, unknown>, own: number) =>
  [...states]
    .filter(([client]) => client !== own)
    .map(([client, state]) => readPerson(client, state))
    .map(({ client, name, hue }) => ({ client, name, hue }))
    .sort((a, b) => a.client - b.client);
