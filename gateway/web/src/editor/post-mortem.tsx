/** What happened when memory ran out, what is left, and what can be done. What it says comes from a notebook: it is shown as text only. */
import { useEffect, useState } from 'react';
import { type PostMortem, readPostMortem } from '../../../src/wire/memory-facts.ts';
import { size } from '../shared/size.ts';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import { changeKernel, type KernelOffer, kernelOffers, largerOffers } from './kernel-choice.ts';
import { VariablesList } from './variables-list.tsx';

export function PostMortemView({ data }: { data: unknown }) {
  const found = readPostMortem(data);
  if (found === undefined) return <p className="note">{t.unknownOutput('post-mortem')}</p>;
  const { policy, limit, peak, variables } = found;
  return (
    <section className="post-mortem" aria-label={t.execution.outOfMemory}>
      <p className="post-mortem-title">{t.execution.outOfMemory}</p>
      <p>{t.execution.reached(size(limit), policy, peak > 0 ? size(Math.min(peak, limit)) : undefined)}</p>
      <dl>
        <dt>{t.execution.safe}</dt>
        <dd>{t.execution.whatIsSafe}</dd>
        <dt>{t.execution.gone}</dt>
        <dd>{t.execution.whatIsGone}</dd>
      </dl>
      <VariablesList variables={variables} />
      <Larger found={found} />
    </section>
  );
}

/** The worksheet may have gone on with a larger kernel since: then there is nothing to offer. */
function Larger({ found: { limit } }: { found: PostMortem }) {
  const worksheet = useWorksheet();
  const role = useValue(worksheet.role);
  const current = useValue(worksheet.connection.status)?.kernelspec.name;
  const [offers, setOffers] = useState<readonly KernelOffer[]>();
  useEffect(() => {
    if (role === 'owner') kernelOffers().then(setOffers, () => setOffers(undefined));
  }, [role]);
  if (role !== 'owner' || offers === undefined || current === undefined) return null;
  const now = offers.find(({ name }) => name === current);
  if (now !== undefined && now.memory > limit) return <p className="note">{t.execution.isLarger(now.title)}</p>;
  const larger = largerOffers(offers, limit, current);
  if (larger.length === 0) return <p className="note">{t.execution.noLarger}</p>;
  return (
    <p className="post-mortem-ways">
      {larger.map((offer) => (
        <button key={offer.name} type="button" onClick={() => changeKernel(worksheet, offer)}>
          {t.execution.restartIn(offer.title, size(offer.memory))}
        </button>
      ))}
    </p>
  );
}
