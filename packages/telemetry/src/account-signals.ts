import type { AccountSignal, ApiVersion } from '@nylas-otel/nylas-api';
import { dropError } from './guard.ts';
import { processState } from './process-state.ts';

/** What a request's answer said of one account, seen by the instrumentation. */
export interface AccountSignalEvent {
  /** The account or grant id as the request named it (may be an address: for matching, never for telemetry). */
  readonly account: string;
  readonly version: ApiVersion;
  readonly signal: AccountSignal;
  /** Unix time in milliseconds. */
  readonly time: number;
}

const listeners = processState('account-signals', () => new Set<(event: AccountSignalEvent) => void>());

/** Listens to account signals; returns what ends it. A listener that fails is dropped. */
export function onAccountSignal(listener: (event: AccountSignalEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells every listener. Never throws. */
export function publishAccountSignal(event: AccountSignalEvent): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      dropError('accounts', error);
    }
  }
}
