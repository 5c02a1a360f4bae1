import { type Filters, is } from '../data/filters.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const filters: Filters = {
  parent_id: is.exactly('parent_id'),
};

/** Folders (labels on Google): list, create, find, update, delete. */
export const folderRoutes: readonly Route[] = resourceRoutes({
  template: '/v3/grants/{grant_id}/folders',
  parameter: 'folder_id',
  kind: (kinds) => kinds.folder,
  filters,
  check: (body) => (typeof body.name === 'string' && body.name !== '' ? undefined : 'name is required'),
  defaults: () => ({
    object: 'folder',
    parent_id: null,
    child_count: 0,
    total_count: 0,
    unread_count: 0,
    system_folder: false,
    attributes: [],
  }),
});
