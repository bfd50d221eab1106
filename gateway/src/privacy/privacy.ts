/** What administrators do about what is kept of a person, in a gateway that runs: open worksheets and kernels are ended first. */
import type { User } from '../store/users.ts';
import type { RemovalModel } from '../wire/privacy-rest.ts';
import { deletePerson, type Remover, removalOf } from './delete-person.ts';
import { exportPerson } from './export-person.ts';

export class Privacy {
  readonly #remover: Remover;
  readonly #now: () => number;

  constructor(remover: Remover, now: () => number) {
    this.#remover = remover;
    this.#now = now;
  }

  export(user: User): AsyncGenerator<Buffer> {
    return exportPerson({ ...this.#remover, now: this.#now() }, user);
  }

  removal(user: User): Promise<RemovalModel> {
    return removalOf(this.#remover.store, user);
  }

  remove(user: User, heir?: User): Promise<void> {
    return deletePerson(this.#remover, user, heir);
  }
}
