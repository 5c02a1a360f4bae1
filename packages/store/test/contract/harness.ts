import type { ReceivedEvent } from '@nylas-otel/webhooks';
import { expect } from 'vitest';
import type { InboxWorkOptions, NylasStore } from '../../src/index.ts';

/** What the suites of the contract run on. */
export interface ContractContext {
  readonly store: NylasStore;
}

/** Runs a suite of the contract on the store that is there by then. */
export type Suite = (context: () => ContractContext) => void;

let count = 0;

/** A word that no other test uses. */
export function unique(word: string): string {
  return `${word}-${process.pid}-${++count}`;
}

export const CALL = { signal: new AbortController().signal };

/** An event as the receiver hands it over. */
export function received(about: Partial<ReceivedEvent> = {}): ReceivedEvent {
  const id = unique('event');
  const trigger = about.trigger ?? 'message.created';
  return {
    key: `v3:${id}`,
    version: 'v3',
    type: trigger,
    trigger,
    id,
    time: 1_700_000_000_000,
    accountId: unique('account'),
    provider: 'google',
    truncated: false,
    transformed: false,
    data: { object: { id: 'm1' } },
    receivedAt: 1_700_000_000_500,
    ...about,
  };
}

/** Waits until something holds that comes from elsewhere: another process, a timer of the store. */
export async function eventually(assertion: () => Promise<void> | void): Promise<void> {
  const until = performance.now() + 25_000;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Works until everything is handled or dead, then stops. */
export async function drain(store: NylasStore, options: InboxWorkOptions): Promise<void> {
  const stop = await store.inbox.work({ retryDelay: 0, ...options });
  await eventually(async () => expect(await store.inbox.counts()).toMatchObject({ queued: 0, active: 0 }));
  await stop();
}

/** A promise that somebody else settles. */
export function deferred<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
} {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
