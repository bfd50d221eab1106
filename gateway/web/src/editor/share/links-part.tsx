/** Links to the worksheet. A link's address is known only here and now, when it is made: the gateway keeps no more than its hash. */
import { useRef, useState } from 'react';
import { address } from '../../shared/root.ts';
import { type LinkModel, type NewLinkModel, type ShareRole, shareApi } from '../../shared/share-api.ts';
import { timeAgo } from '../../shared/time-ago.ts';
import { language, t } from '../../texts/texts.ts';
import { useWorksheet } from '../hooks.ts';
import type { Act } from './act.ts';
import { RoleSelect } from './role-select.tsx';

interface Wish {
  /** Undefined until they have come. */
  readonly links: readonly LinkModel[] | undefined;
  readonly act: Act;
}

export function LinksPart({ links, act }: Wish) {
  const { id } = useWorksheet();
  const [role, setRole] = useState<ShareRole>('viewer');
  const [made, setMade] = useState<readonly NewLinkModel[]>([]);
  const make = () =>
    void act(async () => {
      const link = await shareApi.makeLink(id, role);
      setMade((before) => [...before, link]);
    }, t.share.linkMade);
  return (
    <section aria-labelledby="share-links">
      <h3 id="share-links">{t.share.links}</h3>
      <div className="share-new">
        <RoleSelect label={t.share.roleOfLink} value={role} change={setRole} />
        <button type="button" onClick={make}>
          {t.share.makeLink}
        </button>
        <p className="note">{t.share.linkNote}</p>
      </div>
      <ul className="share-list">
        {links?.map((link) => {
          const told = made.find((one) => one.id === link.id);
          const about = `${t.share.role[link.role]}, ${t.share.madeAt(timeAgo(link.created_at, Date.now(), language))}`;
          return (
            <li key={link.id}>
              <span className="share-name">
                {about} <span className="note">{t.share.guests(link.guests)}</span>
              </span>
              <button
                type="button"
                aria-label={t.share.withdrawOf(about)}
                onClick={() => void act(() => shareApi.withdraw(id, link.id), t.share.withdrawn)}
              >
                {t.share.withdraw}
              </button>
              {told !== undefined && <Address value={address(told.path)} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Address({ value }: { value: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    setCopied(await copyText(value));
  };
  return (
    <div className="share-address">
      <input
        ref={field}
        readOnly
        value={value}
        aria-label={t.share.address}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" onClick={() => void copy()}>
        {t.share.copy}
      </button>
      <span role="status" className="note">
        {copied ? t.share.copied : t.share.shownOnce}
      </span>
    </div>
  );
}

/** Over plain HTTP browsers have no clipboard for scripts but that of the text which is selected. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand('copy');
  }
}
