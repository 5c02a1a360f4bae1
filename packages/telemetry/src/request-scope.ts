import { AsyncLocalStorage } from 'node:async_hooks';
import type { Operation } from './operation.ts';
import { processState } from './process-state.ts';

/**
 * What the caller's frame says of the Nylas requests made in it. Kept in a storage of our own, so it also works
 * where no OpenTelemetry context manager is installed.
 */
export interface RequestScope {
  /** The account or grant that requests belong to where the URL does not say it (API v2, `me`). */
  readonly account?: string | undefined;
  /**
   * What of the host's own code asks: an inbound route template or a job's name. A function is asked when a request
   * is made, for frameworks that know the route only after the middleware ran.
   */
  readonly caller?: string | (() => string | undefined) | undefined;
  /** The operation in progress. */
  readonly operation?: Operation | undefined;
  /** True inside a call of the SDK: its inner methods are part of it. */
  readonly inSdkCall?: boolean | undefined;
}

const storage = processState('request-scope', () => new AsyncLocalStorage<RequestScope>());

/** The scope of the calling frame. */
export function currentScope(): RequestScope | undefined {
  return storage.getStore();
}

/** Runs `work` with `scope` laid over the calling frame's scope. */
export function runInScope<T>(scope: RequestScope, work: () => T): T {
  const outer = storage.getStore();
  return storage.run(outer === undefined ? scope : { ...outer, ...scope }, work);
}

/** Runs `work` with this scope and nothing of the calling frame's, for work that was begun in another frame. */
export function runInScopeOf<T>(scope: RequestScope | undefined, work: () => T): T {
  return storage.run(scope ?? {}, work);
}

/** Lays `scope` over the rest of the calling frame, for frameworks whose hooks cannot wrap a handler. */
export function enterScope(scope: RequestScope): void {
  const outer = storage.getStore();
  storage.enterWith(outer === undefined ? scope : { ...outer, ...scope });
}

/**
 * Says which account the Nylas requests made inside `work` belong to. API v2 paths carry no account, so spans, log
 * events and account signals need this (or `identifyAccount`) to name it.
 *
 * @param accountId an account or grant id; an address is shown as a keyed hash only
 */
export function withNylasAccount<T>(accountId: string, work: () => T): T {
  return runInScope({ account: accountId }, work);
}

/**
 * Names the part of the host that causes the Nylas requests made inside `work` (`nylas.caller`): a job, a queue, a
 * feature. Use few, fixed names: after 100 different ones the rest is counted under `other`.
 */
export function withNylasCaller<T>(name: string, work: () => T): T {
  return runInScope({ caller: name }, work);
}
