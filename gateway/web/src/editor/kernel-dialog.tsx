/** What the worksheet's kernel may take, and which others there are. */
import { useEffect, useState } from 'react';
import { Dialog } from '../shared/dialog.tsx';
import { duration } from '../shared/duration.ts';
import { size } from '../shared/size.ts';
import { useValue } from '../shared/value.ts';
import { t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import { changeKernel, type KernelOffer, kernelOffers } from './kernel-choice.ts';

export function KernelDialog() {
  const worksheet = useWorksheet();
  const status = useValue(worksheet.connection.status);
  const role = useValue(worksheet.role);
  const [offers, setOffers] = useState<readonly KernelOffer[]>();
  const [failed, setFailed] = useState('');
  useEffect(() => {
    kernelOffers().then(setOffers, (error: Error) => setFailed(error.message || t.unreachable));
  }, []);
  const close = () => worksheet.kernelMenu.set(false);
  const choose = (offer: KernelOffer) => {
    close();
    changeKernel(worksheet, offer);
  };
  return (
    <Dialog title={t.execution.kernelMenu} close={close} closable>
      {failed !== '' && <p role="alert">{t.failed(failed)}</p>}
      {role !== 'owner' && <p className="note">{t.execution.onlyOwner}</p>}
      <ul className="kernel-offers">
        {offers?.map((offer) => (
          <li key={offer.name} data-current={offer.name === status?.kernelspec.name || undefined}>
            <h3>{offer.title}</h3>
            <p>{offer.description}</p>
            <p className="note">{t.execution.gives(size(offer.memory), offer.cpus)}</p>
            {offer.limits !== undefined && (
              <p className="note">
                {t.execution.limits(
                  duration(offer.limits.cell),
                  duration(offer.limits.idle),
                  duration(offer.limits.life),
                )}
              </p>
            )}
            {offer.name === status?.kernelspec.name ? (
              <p className="current">{t.execution.inUse}</p>
            ) : (
              role === 'owner' && (
                <button type="button" onClick={() => choose(offer)}>
                  {t.execution.use(offer.title)}
                </button>
              )
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
