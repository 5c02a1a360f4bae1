/** What comes of webhooks. All of it is nylas-otel's. */
import { type NylasStore, openStore } from '@nylas-otel/store';

// Next.js bundles a copy of this file into each route: the store of the process is one all the same.
const shared = globalThis as unknown as { nylasStore: Promise<NylasStore> | undefined };

/** The store of this process: in `DATABASE_URL`, or in a folder beside the application. Opened again after a failure. */
export function openedStore(): Promise<NylasStore> {
  const { DATABASE_URL: databaseUrl, DATA: folder = '.nylas-otel' } = process.env;
  shared.nylasStore ??= openStore(databaseUrl ? { databaseUrl } : { folder }).catch((error: unknown) => {
    shared.nylasStore = undefined;
    throw error;
  });
  return shared.nylasStore;
}

/** Handles events after they were answered, again after a failure, and after a restart what was not done. */
export async function handleWebhooks(): Promise<void> {
  const { inbox } = await openedStore();
  await inbox.work({
    onEvent: {
      'message.created': (event) => console.log(`new message ${event.objectId}`),
      'grant.expired': (event) => console.log(`${event.accountId} must authenticate again`),
      '*': (event) => console.log(`${event.type} passed over`),
    },
  });
}
