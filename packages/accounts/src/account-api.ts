import { type Reply, type RequestOptions, requestNylas } from './nylas-request.ts';
import type { AccountPage, AccountReading, PageRequest, Profile } from './profile.ts';

/** Reads accounts from Nylas. Never throws and never rejects, whatever Nylas answers. */
export interface AccountApi {
  list(page: PageRequest, invalidOnly: boolean): Promise<Reply<AccountPage>>;
  find(id: string): Promise<Reply<AccountReading>>;
}

/** What {@link accountApi} needs. */
export interface AccountApiOptions extends Omit<RequestOptions, 'version'> {
  readonly profile: Profile;
  /** Origin and path prefix, without a slash at the end. */
  readonly base: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
}

/** The API over fetch, one request at a time, with a time limit that includes the body. */
export function accountApi(options: AccountApiOptions): AccountApi {
  const { profile, base, authorization, timeoutMs, fetch, closing } = options;
  const request: RequestOptions = { version: profile.version, timeoutMs, fetch, closing };
  const read = <T>(path: string, parse: (body: unknown) => T | undefined): Promise<Reply<T>> =>
    requestNylas({ url: base + path, authorization }, request, parse);
  return {
    list: (page, invalidOnly) => read(profile.listPath(page, invalidOnly), (body) => profile.readPage(body)),
    find: (id) => read(profile.accountPath(id), (body) => profile.readAccount(body)),
  };
}
