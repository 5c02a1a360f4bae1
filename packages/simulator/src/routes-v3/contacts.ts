import { type Filters, is } from '../data/filters.ts';
import type { JsonObject } from '../data/mailbox.ts';
import { objectsOf } from '../data/untrusted.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const CONTACTS = '/v3/grants/{grant_id}/contacts';

const anyOf =
  (field: string, key: string) =>
  (contact: JsonObject, value: string): boolean =>
    objectsOf(contact[field]).some((one) => one[key] === value);

const filters: Filters = {
  email: is.address('emails'),
  phone_number: anyOf('phone_numbers', 'number'),
  group: anyOf('groups', 'id'),
  source: is.exactly('source'),
};

/** Contacts: list, create, find, update, delete, groups. */
export const contactRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: CONTACTS,
    parameter: 'contact_id',
    kind: (kinds) => kinds.contact,
    filters,
    defaults: () => ({
      object: 'contact',
      source: 'address_book',
      emails: [],
      phone_numbers: [],
      groups: [],
    }),
  }),
  {
    method: 'GET',
    template: `${CONTACTS}/groups`,
    handle: (x) =>
      x.items(
        ['starred', 'friends'].map((id) => ({
          id,
          object: 'contact_group',
          grant_id: x.mailbox.id,
          group_type: 'system',
          name: id,
          path: `parentId/${id}`,
        })),
      ),
  },
];
