/** `/api/people`: what administrators do to people. Everybody else is refused. */
import type { PasswordLink } from '../../auth/accounts.ts';
import type { KnownPerson } from '../../auth/people.ts';
import { mayManagePeople } from '../../auth/permissions.ts';
import { CarrelError } from '../../base/errors.ts';
import {
  changePersonBody,
  type InvitedModel,
  invitePersonBody,
  type LinkModel,
  type PersonModel,
  personLinkBody,
} from '../../wire/account-rest.ts';
import { type ChangedPeopleModel, disablePeopleBody } from '../../wire/admin-rest.ts';
import { named } from '../../wire/told.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import { type Method, type PersonVisit, parameter, type Routes, type Visit } from './routes.ts';

export function addPeopleRoutes(routes: Routes, deps: EdgeDeps): void {
  const { people } = deps;
  const admin = (method: Method, path: string, handle: (visit: PersonVisit) => Promise<void>) =>
    routes.person(method, path, (visit) => {
      if (!mayManagePeople(visit.principal))
        throw new CarrelError('forbidden', 'only administrators see and change people');
      return handle(visit);
    });
  const linkModel = ({ facts }: Visit, { key, endsAt }: PasswordLink): LinkModel => ({
    link: `${deps.site.originFor(facts)}${deps.base}/invite#${key}`,
    ends_at: new Date(endsAt).toISOString(),
  });

  admin('get', '/api/people', async ({ response }) => {
    response.json((await people.list()).map(personModel));
  });

  admin('post', '/api/people', async (visit) => {
    const { name, role, days } = await readBody(visit.request, visit.response, invitePersonBody);
    const { person, link } = await people.invite(name.trim(), role, days);
    const model: InvitedModel = { person: personModel(person), ...linkModel(visit, link) };
    visit.response.status(201).json(model);
  });

  admin('patch', '/api/people/:id', async ({ principal, request, response }) => {
    const change = await readBody(request, response, changePersonBody);
    response.json(personModel(await people.change(principal, parameter(request, 'id'), change)));
  });

  admin('post', '/api/people/disable', async ({ principal, request, response }) => {
    const { people: ids, disabled } = await readBody(request, response, disablePeopleBody);
    const { changed, failed } = await people.setDisabled(principal, ids, disabled);
    const model: ChangedPeopleModel = { changed, failed: failed.map((one) => ({ ...one, ...named(one.message) })) };
    response.json(model);
  });

  admin('post', '/api/people/:id/link', async (visit) => {
    const body = await readBody(visit.request, visit.response, personLinkBody);
    const link = await people.makeLink(parameter(visit.request, 'id'), body?.days);
    visit.response.status(201).json(linkModel(visit, link));
  });

  admin('delete', '/api/people/:id/link', async ({ request, response }) => {
    await people.withdraw(parameter(request, 'id'));
    response.status(204).end();
  });
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const personModel = (person: KnownPerson): PersonModel => ({
  id: person.id,
  name: person.name,
  role: person.role,
  state: stateOf(person),
  created_at: new Date(person.createdAt).toISOString(),
  signed_in_at: iso(person.signedInAt),
  link_ends_at: iso(person.linkEndsAt),
});

function stateOf({ disabled, hasPassword, signedInAt, linkEndsAt }: KnownPerson): PersonModel['state'] {
  if (disabled) return 'disabled';
  if (hasPassword || signedInAt !== undefined) return 'active';
  return linkEndsAt === undefined ? 'open' : 'invited';
}
