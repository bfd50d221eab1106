/** Who makes a request, and by what right: what `authenticate.ts` answers and everything behind it relies on. */
import type { TokenId, UserId } from '../base/ids.ts';
import type { Role } from '../store/users.ts';

export type { Role } from '../store/users.ts';

export interface Person {
  readonly user: UserId;
  readonly name: string;
  readonly role: Role;
}

export type Credential =
  | { readonly kind: 'token'; readonly id: TokenId }
  | { readonly kind: 'session'; readonly idHash: string; readonly csrf: string };

export interface Principal extends Person {
  readonly via: Credential;
}
