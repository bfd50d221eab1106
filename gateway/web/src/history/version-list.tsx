/** Versions under the days on which they were made. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { VersionModel } from '../shared/version-api.ts';
import { t } from '../texts/texts.ts';
import { byDay, timeOf } from './days.ts';
import { locale } from './use-history.ts';

interface Wish {
  readonly versions: readonly VersionModel[];
  /** The one from which the person comes back. */
  readonly focused: string | undefined;
  readonly choose: (id: string) => void;
}

export function VersionList({ versions, focused, choose }: Wish) {
  const place = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the list comes back
  useEffect(() => {
    if (focused === undefined) return;
    const buttons = place.current?.querySelectorAll<HTMLElement>('.version') ?? [];
    const found = [...buttons].find(({ dataset }) => dataset['id'] === focused) ?? buttons[0];
    found?.focus();
  }, []);
  if (versions.length === 0) return <p className="note">{t.history.none}</p>;
  return (
    <nav ref={place} className="versions" aria-label={t.history.versions} onKeyDown={walk}>
      {byDay(versions, Date.now(), locale).map(({ name, versions: some }) => (
        <section key={name} aria-label={name}>
          <h3>{name}</h3>
          <ul>
            {some.map((version) => (
              <li key={version.id}>
                <button type="button" className="version" data-id={version.id} onClick={() => choose(version.id)}>
                  <time dateTime={version.at}>{timeOf(version.at, locale)}</time>
                  <span className={version.name === null ? 'version-kind' : 'version-kind own'}>
                    {version.name ?? t.history.kinds[version.kind]}
                  </span>
                  {version.who.length > 0 && <span className="version-who">{version.who.join(', ')}</span>}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** Arrow keys go along the list. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('.version')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = by === undefined || at === -1 ? undefined : stops[at + by];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
