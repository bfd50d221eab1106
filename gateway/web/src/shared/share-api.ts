/** The REST calls about sharing. */
import type { NewLinkModel, ShareModel, ShareRole, SharingModel } from '../../../src/wire/sharing-rest.ts';
import { worksheetPath as at, call } from './api.ts';

export type { LinkModel, NewLinkModel, ShareModel, ShareRole, SharingModel } from '../../../src/wire/sharing-rest.ts';

const person = (id: string, name: string) => `${at(id)}/shares/${encodeURIComponent(name)}`;

export const shareApi = {
  get: (id: string) => call<SharingModel>('GET', `${at(id)}/shares`),
  share: (id: string, name: string, role: ShareRole) => call<ShareModel>('PUT', person(id, name), { role }),
  unshare: (id: string, name: string) => call<undefined>('DELETE', person(id, name)),
  makeLink: (id: string, role: ShareRole) => call<NewLinkModel>('POST', `${at(id)}/links`, { role }),
  withdraw: (id: string, link: string) => call<undefined>('DELETE', `${at(id)}/links/${encodeURIComponent(link)}`),
  leave: (id: string) => call<undefined>('POST', `${at(id)}/leave`),
};
