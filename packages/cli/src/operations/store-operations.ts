import type { StoreHealth } from '@nylas-otel/store';
import type { BacklogCounts } from '@nylas-otel/webhooks';
import type { Operation } from '../control/operation.ts';

/** How the store is. */
export interface StoreReport {
  readonly health: StoreHealth;
  readonly backlog: BacklogCounts;
}

export const storeReport: Operation<object, StoreReport> = {
  name: 'store.report',
  changes: false,
  async run(_input, { store }) {
    return { health: await store.health(), backlog: await store.inbox.counts() };
  },
};
