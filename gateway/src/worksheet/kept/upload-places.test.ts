/** How much is on its way in at once: of one person, and of everybody. */
import { expect, it } from 'vitest';
import { newUserId } from '../../base/ids.ts';
import { MOST_BYTES, UploadPlaces } from './upload-places.ts';

const GIB = 2 ** 30;

it('WF23 everybody together has at most 8 GiB under way, and one upload alone may be larger', () => {
  const places = new UploadPlaces();
  const place = (size: number) => ({ person: newUserId(), owner: newUserId(), size });
  const first = place(MOST_BYTES - GIB);
  places.take(first);
  const second = place(GIB);
  places.take(second);
  expect(() => places.take(place(1))).toThrow(
    'uploads of everybody: 8 GiB of 8 GiB are under way, this one has 1 B; try again in a while',
  );
  places.leave(second);
  places.take(place(1));
  const alone = new UploadPlaces();
  alone.take(place(MOST_BYTES + 1));
  expect(() => alone.take(place(1))).toThrow(/uploads of everybody/);
});

it('WF22 what is on its way counts for the owner of its worksheet', () => {
  const places = new UploadPlaces();
  const [ada, bob] = [newUserId(), newUserId()];
  const one = { person: bob, owner: ada, size: 3 };
  places.take(one);
  places.take({ person: ada, owner: ada, size: 4 });
  expect([places.comingTo(ada), places.comingTo(ada, one), places.comingTo(bob)]).toEqual([7, 4, 0]);
});
