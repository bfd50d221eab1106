/** The REST calls about a person's own account, and those of administrators about people. */
import type {
  AccountModel,
  BrowserSessionModel,
  EndedModel,
  InvitedModel,
  LinkModel,
  NewTokenModel,
  PersonModel,
  RoleName,
  TokenModel,
} from '../../../src/wire/account-rest.ts';
import type { ChangedPeopleModel } from '../../../src/wire/admin-rest.ts';
import { call } from './api.ts';

export type { AccountModel, BrowserSessionModel, PersonModel, RoleName, TokenModel };

const person = (id: string) => `api/people/${encodeURIComponent(id)}`;

export const accountApi = {
  get: () => call<AccountModel>('GET', 'api/account'),
  changePassword: (present: string, password: string) =>
    call<EndedModel>('POST', 'api/account/password', { present, password }),
  sessions: () => call<BrowserSessionModel[]>('GET', 'api/account/sessions'),
  endSession: (id: string) => call<undefined>('DELETE', `api/account/sessions/${encodeURIComponent(id)}`),
  endOthers: () => call<EndedModel>('DELETE', 'api/account/sessions'),
  tokens: () => call<TokenModel[]>('GET', 'api/account/tokens'),
  makeToken: (label: string, days: number) => call<NewTokenModel>('POST', 'api/account/tokens', { label, days }),
  revokeToken: (id: string) => call<undefined>('DELETE', `api/account/tokens/${encodeURIComponent(id)}`),
};

export const peopleApi = {
  list: () => call<PersonModel[]>('GET', 'api/people'),
  invite: (name: string, role: RoleName) => call<InvitedModel>('POST', 'api/people', { name, role }),
  change: (id: string, change: { role?: RoleName; disabled?: boolean }) =>
    call<PersonModel>('PATCH', person(id), change),
  setDisabled: (people: readonly string[], disabled: boolean) =>
    call<ChangedPeopleModel>('POST', 'api/people/disable', { people, disabled }),
  makeLink: (id: string) => call<LinkModel>('POST', `${person(id)}/link`),
  withdrawLink: (id: string) => call<undefined>('DELETE', `${person(id)}/link`),
};
