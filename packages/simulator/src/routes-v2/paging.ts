import type { Exchange } from '../http/exchange.ts';
import { type Reply, v2Error } from '../http/reply.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** `limit` and `offset` of a v2 list; a reply refuses them. */
export function v2Paging(x: Exchange): { readonly limit: number; readonly offset: number } | Reply {
  if (x.search === '') return { limit: DEFAULT_LIMIT, offset: 0 };
  const limit = Number(x.query.get('limit') ?? DEFAULT_LIMIT);
  // SDK 6 sends the text "undefined" where no offset was given.
  const offsetText = x.query.get('offset');
  const offset = offsetText === null || offsetText === 'undefined' ? 0 : Number(offsetText);
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT) {
    return v2Error(400, 'invalid_request_error', `limit must be a whole number from 0 to ${MAX_LIMIT}`);
  }
  if (!Number.isInteger(offset) || offset < 0) {
    return v2Error(400, 'invalid_request_error', 'offset must be a whole number, 0 or more');
  }
  return { limit, offset };
}
